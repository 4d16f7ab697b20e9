/** The command line of publishing. A wrong word ends in a sentence, not in a stack trace. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { modelNamed } from "#core/device/models.ts";
import { hardwareRevision } from "#core/device/revision.ts";
import { type Release, releaseNumber } from "#core/firmware/release.ts";
import { isOfflineRole, type OfflineRole } from "./keys.ts";

export const usage = `Signs releases of firmware and puts them where devices fetch them.

  npm run firmware -- publish --image <file> --model <name> --revision <AA> --release <n>
  npm run firmware -- publish --again <m> --model <name> --revision <AA> --release <n>
                                            go back: what release m was, under a higher number
  npm run firmware -- renew                 sign everything anew before it ends (twice a year at least)
  npm run firmware -- rotate --role <role>  a new key for root, targets or snapshot

  --image <file>         the image, as it is written into a slot
  --model <name>         as on the name plate: "ID8 TD"
  --revision <AA>        the hardware revision it is for
  --release <n>          its number, higher than the last one's
  --security-floor <n>   no release below this may run from now on (0)
  --critical             it mends a weakness: devices that take nothing else by themselves take it
  --note <words>         what it changes, in a line for whoever runs the devices

The reference station (npm run station) is a "WS 301V CM" of revision AD and takes any file.

It goes to the platform on this machine (FIRMWARE_EDGE for one elsewhere), or to S3 where FIRMWARE_BUCKET names a bucket
(with FIRMWARE_S3_ENDPOINT for one that is not AWS's, AWS_REGION and AWS's own variables for the credentials).
The keys lie in firmware/keys in the data folder, made on first use: keep copies of root.key and targets.key off this machine.`;

/** Thrown with the whole sentence for the person at the terminal. */
export class UsageError extends Error {}

export type Command =
  | { do: "help" }
  | { do: "publish"; image: string; release: Omit<Release, "size"> }
  | { do: "again"; of: number; release: Omit<Release, "size"> }
  | { do: "renew" }
  | { do: "rotate"; role: OfflineRole };

const options = {
  image: { type: "string" },
  again: { type: "string" },
  model: { type: "string" },
  revision: { type: "string" },
  release: { type: "string" },
  "security-floor": { type: "string", default: "0" },
  critical: { type: "boolean", default: false },
  note: { type: "string" },
  role: { type: "string" },
} as const;

const image = z.string("--image names the file").refine(existsSync, "--image names a file that is not there");
const published = z.object({
  again: z.coerce.number().pipe(releaseNumber).optional(),
  model: z.string("--model names the device").refine((name) => modelNamed(name), "--model is no model of ours"),
  revision: z.string("--revision is two capital letters").pipe(hardwareRevision),
  release: z.coerce.number("--release is a number").pipe(releaseNumber),
  "security-floor": z.coerce.number("--security-floor is a number").int().min(0),
  critical: z.boolean(),
  note: z.string().min(1).max(200, "--note is a line of at most 200 letters").optional(),
});

/** Throws {@link UsageError}. */
export function readCommandLine(args: readonly string[]): Command {
  const [verb = "help", ...rest] = args;
  const { values } = parseOptions(rest);
  if (verb === "help" || verb === "--help") return { do: "help" };
  if (verb === "renew") return { do: "renew" };
  if (verb === "rotate") {
    const { role = "" } = values;
    if (!isOfflineRole(role)) throw new UsageError("--role is root, targets or snapshot.");
    return { do: "rotate", role };
  }
  if (verb !== "publish") throw new UsageError(`"${verb}" is none of publish, renew, rotate, help.`);
  const { again, release: number, "security-floor": securityFloor, ...about } = understood(published, values);
  if (securityFloor > number) throw new UsageError("A release can't lie below its own security floor.");
  const release = { ...about, class: modelNamed(about.model)?.family ?? "MX", number, securityFloor };
  if (again !== undefined) return { do: "again", of: again, release };
  return { do: "publish", image: understood(image, values.image), release };
}

function understood<T extends z.ZodType>(shape: T, given: unknown): z.output<T> {
  const parsed = shape.safeParse(given);
  if (!parsed.success) throw new UsageError(`${parsed.error.issues[0]?.message}.`);
  return parsed.data;
}

function parseOptions(args: string[]) {
  try {
    return parseArgs({ args, options });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "The options are not understood.");
  }
}

const settings = z.object({
  FIRMWARE_TIMESTAMP_KEY: z.string().length(43),
  FIRMWARE_TOKEN: z.string().min(32),
  FIRMWARE_EDGE: z.url().optional(),
  MINIFLARE_PORT: z.coerce.number().default(8787),
  FIRMWARE_BUCKET: z.string().optional(),
  FIRMWARE_S3_ENDPOINT: z.url().optional(),
  AWS_REGION: z.string().default("auto"),
});
export type Settings = z.infer<typeof settings> & { keyFolder: string };

/** The environment, and what the platform in the data folder drew for itself. Throws {@link UsageError}. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const dataFolder = environment.DATA_DIR ?? ".data";
  const secrets = join(dataFolder, "secrets.json");
  const drawn = existsSync(secrets)
    ? z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(secrets, "utf8")))
    : {};
  const parsed = settings.safeParse({ ...drawn, ...environment });
  if (parsed.success) return { ...parsed.data, keyFolder: join(dataFolder, "firmware", "keys") };
  throw new UsageError(
    `${parsed.error.issues.map(({ path }) => path.join(".")).join(", ")}: missing. Start the platform once (npm start): it draws them.`,
  );
}
