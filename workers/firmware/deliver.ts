/**
 * Octets out of the bucket, as RFC 9110 has it: ranges, conditions, entity tags; streamed, never held. What is named by its contents
 * needs no certificate and may be kept by anyone for ever.
 */
import { isImmutable } from "#core/firmware/addresses.ts";
import { askedRange, namesEtag, placeOf } from "#core/firmware/range.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

const nothing = () => problem(404, "not-published", "Nothing of that name is published.");

/** The contents' own hash where the name has it, so that any server of the same bucket says the same. */
const hashIn = (name: string): string | undefined => /\b[0-9a-f]{64}\b/.exec(name)?.[0];

function headersFor(name: string, etag: string): Headers {
  return new Headers({
    etag,
    "accept-ranges": "bytes",
    "content-type": name.endsWith(".json") ? "application/json" : "application/octet-stream",
    // A proxy that packs or mends octets would break their hash.
    "cache-control": isImmutable(name) ? "public, max-age=31536000, immutable, no-transform" : "no-cache, no-transform",
  });
}

/** GET and HEAD. 200, 206, 304, 404, 412 or 416. @param name in the bucket */
export async function deliver(env: Env, name: string, request: Request): Promise<Response> {
  const head = await env.FIRMWARE.head(name);
  if (!head) return nothing();
  const hash = hashIn(name);
  const etag = hash ? `"${hash}"` : head.httpEtag;
  const headers = headersFor(name, etag);

  const ifMatch = request.headers.get("if-match");
  if (ifMatch !== null && !namesEtag(ifMatch, etag)) return problem(412, "other-contents", "It holds something else.");
  const ifNoneMatch = request.headers.get("if-none-match");
  if (ifNoneMatch !== null && namesEtag(ifNoneMatch, etag)) return new Response(null, { status: 304, headers });

  // Ranges are for GET alone (§14.2).
  const range = request.method === "GET" ? request.headers.get("range") : null;
  const asked = askedRange(range, request.headers.get("if-range"), etag);
  const place = asked.part ? placeOf(asked.range, head.size) : { offset: 0, length: head.size };
  if (!place) {
    return problem(416, "no-such-range", `There are ${head.size} octets.`, { "content-range": `bytes */${head.size}` });
  }
  headers.set("content-length", String(place.length));
  if (asked.part) {
    headers.set("content-range", `bytes ${place.offset}-${place.offset + place.length - 1}/${head.size}`);
  }
  if (request.method === "HEAD") return new Response(null, { headers });
  const found = await env.FIRMWARE.get(name, asked.part ? { range: place } : {});
  return found ? new Response(found.body, { status: asked.part ? 206 : 200, headers }) : nothing();
}
