/** GET /crl/{part}.crl: a part of the revocation list, for whoever checks a certificate that names it. */
import { z } from "zod";
import { statusKept } from "#core/messages/claiming.ts";
import { problem } from "../http/problem.ts";

/** The one list that speaks for authorities and no devices. */
export const rootListName = "root";

/** A part, or the root's list, as its address ends. */
export const listFile = z
  .string()
  .regex(/^([0-9a-f]{16}-\d{1,9}|root)\.crl$/)
  .transform((file) => file.slice(0, -".crl".length));

/** @param list DER */
export function answerList(list: Uint8Array<ArrayBuffer> | undefined): Response {
  if (!list) return problem(404, "no-such-list", "No certificate names this list.");
  const headers = { "content-type": "application/pkix-crl", "cache-control": `public, max-age=${statusKept / 1000}` };
  return new Response(list, { headers });
}
