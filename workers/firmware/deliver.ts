/**
 * Octets out of the bucket, as RFC 9110 has it: ranges, conditions, entity tags; streamed, never held. What is named by its contents
 * needs no certificate and may be kept by anyone for ever.
 */
import { octetsFor } from "#core/firmware/octets.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

const nothing = () => problem(404, "not-published", "Nothing of that name is published.");

/** The contents' own hash where the name has it, so that any server of the same bucket says the same. */
const hashIn = (name: string): string | undefined => /\b[0-9a-f]{64}\b/.exec(name)?.[0];

/** GET and HEAD. 200, 206, 304, 404, 412 or 416. @param name in the bucket */
export async function deliver(env: Env, name: string, request: Request): Promise<Response> {
  const head = await env.FIRMWARE.head(name);
  if (!head) return nothing();
  const { size } = head;
  const hash = hashIn(name);
  const etag = hash ? `"${hash}"` : head.httpEtag;
  const octets = octetsFor({ name, etag, size }, request.method, (header) => request.headers.get(header));
  if (octets.status === 412) return problem(412, "other-contents", "It holds something else.");
  if (octets.status === 416)
    return problem(416, "no-such-range", `There are ${size} octets.`, { "content-range": `bytes */${size}` });

  if (octets.status === 304) return new Response(null, octets);
  const { status, headers, offset, length } = octets;
  if (request.method === "HEAD") return new Response(null, { headers });
  const found = await env.FIRMWARE.get(name, status === 206 ? { range: { offset, length } } : {});
  return found ? new Response(found.body, { status, headers }) : nothing();
}
