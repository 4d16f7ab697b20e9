/** HMAC-SHA-256 for addresses and per-call tokens, and comparing secrets without telling how far they matched. */
import type { CallId, DeviceId, UserId } from "#core/messages/values.ts";

const encoder = new TextEncoder();

/** Imported once an isolate: the secrets are few and do not change while it runs. */
const keys = new Map<string, CryptoKey>();

/** An HMAC-SHA-256 key for signing. */
export async function hmacKey(secret: string): Promise<CryptoKey> {
  const known = keys.get(secret);
  if (known) return known;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  keys.set(secret, key);
  return key;
}

/** RFC 4648 §5, without padding. */
export const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

async function hmac(secret: string, text: string): Promise<string> {
  return base64Url(new Uint8Array(await crypto.subtle.sign("HMAC", await hmacKey(secret), encoder.encode(text))));
}

/** Constant-time: compares digests, so that neither length nor content shows in the time taken. */
export async function sameSecret(a: string, b: string): Promise<boolean> {
  const [x, y] = await Promise.all([a, b].map((text) => crypto.subtle.digest("SHA-256", encoder.encode(text))));
  return x !== undefined && y !== undefined && crypto.subtle.timingSafeEqual(x, y);
}

/** The bearer token by which the gateway may store this call's snapshot and no other's. */
export const snapshotToken = (secret: string, callId: CallId): Promise<string> =>
  hmac(secret, `snapshot-put:${callId}`);

/** @param expires milliseconds since the epoch */
export const snapshotSignature = (
  secret: string,
  { callId, deviceId, userId }: Picture,
  expires: number,
): Promise<string> => hmac(secret, `snapshot-get:${callId}:${deviceId}:${userId}:${expires}`);

/** Whose call it is of, at which door, and who may look at it. */
export interface Picture {
  callId: CallId;
  deviceId: DeviceId;
  userId: UserId;
}
