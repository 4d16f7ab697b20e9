/** Claim codes are kept as HMACs alone: who reads the database learns none. */
import type { ClaimCode } from "#core/device/claim-code.ts";
import { hmacKey } from "../calls/signing.ts";
import type { Env } from "../env.ts";
import { hex } from "../hex.ts";

/** HMAC-SHA-256, hexadecimal. */
export async function codeHmac(env: Env, code: ClaimCode): Promise<string> {
  const key = await hmacKey(env.CLAIM_CODE_SECRET);
  return hex(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(code)));
}
