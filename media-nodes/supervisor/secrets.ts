/** The secrets of this installation: drawn at the first start, kept in one file that its owner alone may read. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SettingError } from "./settings.ts";

const schema = z.object({
  LIVEKIT_API_KEY: z.string().min(1),
  LIVEKIT_API_SECRET: z.string().min(32),
  MEDIA_NODE_TOKEN: z.string().min(32),
  AUTH_SECRET: z.string().min(32),
  URL_SECRET: z.string().min(32),
  CLAIM_CODE_SECRET: z.string().min(32),
  /** An AES-256 key: 32 octets in base64url. */
  CAMERA_CREDENTIALS_KEY: z.string().length(43),
  /** An Ed25519 seed: 32 octets in base64url. */
  FIRMWARE_TIMESTAMP_KEY: z.string().length(43),
  FIRMWARE_TOKEN: z.string().min(32),
  POSTGRES_APP_PASSWORD: z.string().min(16),
  POSTGRES_OWNER_PASSWORD: z.string().min(16),
  DEMO_PASSWORD_MARA: z.string().min(12),
  DEMO_PASSWORD_JONAS: z.string().min(12),
});
export type Secrets = z.infer<typeof schema>;

const secret = () => randomBytes(32).toString("base64url");

/** Letters that are not mistaken for one another, in groups a person can read out: about 59 bits. */
function readablePassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const drawn: string[] = [];
  while (drawn.length < 12) {
    const octet = randomBytes(1)[0] ?? 255;
    const letter = octet < 248 ? letters[octet % letters.length] : undefined;
    if (letter !== undefined) drawn.push(letter);
  }
  return [0, 4, 8].map((at) => drawn.slice(at, at + 4).join("")).join("-");
}

const draw = (): Secrets => ({
  LIVEKIT_API_KEY: `API${randomBytes(8).toString("hex")}`,
  LIVEKIT_API_SECRET: secret(),
  MEDIA_NODE_TOKEN: secret(),
  AUTH_SECRET: secret(),
  URL_SECRET: secret(),
  CLAIM_CODE_SECRET: secret(),
  CAMERA_CREDENTIALS_KEY: secret(),
  FIRMWARE_TIMESTAMP_KEY: secret(),
  FIRMWARE_TOKEN: secret(),
  POSTGRES_APP_PASSWORD: secret(),
  POSTGRES_OWNER_PASSWORD: secret(),
  DEMO_PASSWORD_MARA: readablePassword(),
  DEMO_PASSWORD_JONAS: readablePassword(),
});

/**
 * Reads `secrets.json` in the data folder, and draws what is missing. A secret given in the environment wins and is not written.
 * Throws where the file is there but can't be read: to draw anew would lock the owner out of the data; and a
 * {@link SettingError} where a given secret is too short.
 */
export function secretsIn(dataDir: string, environment: NodeJS.ProcessEnv): Secrets {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, "secrets.json");
  const known = existsSync(path)
    ? z.partialRecord(z.string(), z.string()).parse(JSON.parse(readFileSync(path, "utf8")))
    : {};
  const kept = schema.parse({ ...draw(), ...known });
  writeFileSync(`${path}.new`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
  const given = Object.keys(kept).filter((name) => environment[name]);
  const secrets = schema.safeParse({ ...kept, ...Object.fromEntries(given.map((name) => [name, environment[name]])) });
  if (secrets.success) return secrets.data;
  const [issue] = secrets.error.issues;
  throw new SettingError(`${String(issue?.path[0])} can't be used: ${issue?.message ?? "wrong value"}.`);
}
