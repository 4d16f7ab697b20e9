/**
 * Signing TUF metadata (The Update Framework 1.0.31) with Ed25519. A private key is a seed of 32 random octets in base64url,
 * so that it fits in a file or an environment variable of one line.
 */
import { canonicalize } from "@tufjs/canonical-json";
import { z } from "zod";

/** TUF's roles. The timestamp's key is online; the others stay with whoever publishes. */
export const roles = ["root", "targets", "snapshot", "timestamp"] as const;
export type TufRole = (typeof roles)[number];

export const specVersion = "1.0.31";

/** The public half, as root metadata holds it. */
export interface PublicKey {
  keytype: "ed25519";
  scheme: "ed25519";
  keyval: { public: string };
}

export interface SigningKey {
  id: string;
  public: PublicKey;
  sign(octets: Uint8Array<ArrayBuffer>): Promise<string>;
  /** @param signature in hexadecimal */
  verify(octets: Uint8Array<ArrayBuffer>, signature: string): Promise<boolean>;
}

/** What comes before the seed in PKCS #8 (RFC 8410 §7). */
const pkcs8Head = "302e020100300506032b657004220420";

const hex = (octets: ArrayBuffer | Uint8Array): string => Buffer.from(new Uint8Array(octets)).toString("hex");
const octetsOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(text));
const jwk = z.object({ x: z.string() });

/** @param seed 32 octets in base64url. Throws on anything else. */
export async function signingKey(seed: string): Promise<SigningKey> {
  const pkcs8 = Buffer.from(`${pkcs8Head}${Buffer.from(seed, "base64url").toString("hex")}`, "hex");
  const key = await crypto.subtle.importKey("pkcs8", Uint8Array.from(pkcs8), "Ed25519", true, ["sign"]);
  const { x } = jwk.parse(await crypto.subtle.exportKey("jwk", key));
  const raw = Uint8Array.from(Buffer.from(x, "base64url"));
  const publicKey = await crypto.subtle.importKey("raw", raw, "Ed25519", true, ["verify"]);
  const shown: PublicKey = { keytype: "ed25519", scheme: "ed25519", keyval: { public: hex(raw) } };
  return {
    id: hex(await crypto.subtle.digest("SHA-256", octetsOf(canonicalize(shown)))),
    public: shown,
    sign: async (octets) => hex(await crypto.subtle.sign("Ed25519", key, octets)),
    verify: (octets, signature) =>
      crypto.subtle.verify("Ed25519", publicKey, Uint8Array.from(Buffer.from(signature, "hex")), octets),
  };
}

/** A metadata file: what is signed, and a signature by each of the keys. */
export async function signedFile(signed: object, keys: readonly SigningKey[]): Promise<string> {
  const octets = octetsOf(canonicalize(signed));
  const signatures = await Promise.all(keys.map(async (key) => ({ keyid: key.id, sig: await key.sign(octets) })));
  return JSON.stringify({ signed, signatures });
}

const signature = z.object({ keyid: z.string(), sig: z.string().regex(/^[0-9a-f]*$/) });

/** Reads a metadata file that this key must have signed. Throws where it has not, or where it is something else. */
export async function verifiedFile<T extends z.ZodType>(text: string, key: SigningKey, shape: T): Promise<z.output<T>> {
  const { signed, signatures } = z
    .object({ signed: z.unknown(), signatures: z.array(signature) })
    .parse(JSON.parse(text));
  const own = signatures.find(({ keyid }) => keyid === key.id);
  if (!own || !(await key.verify(octetsOf(canonicalize(signed)), own.sig)))
    throw new Error("the metadata is not signed by the key at hand");
  return shape.parse(signed);
}

/** SHA-256 in hexadecimal. */
export const digestOf = async (octets: Uint8Array<ArrayBuffer>): Promise<string> =>
  hex(await crypto.subtle.digest("SHA-256", octets));

/** TUF's moments have no fractions of a second. @param at milliseconds */
export const tufMoment = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
