/** Which octets of a file answer a request, as RFC 9110 has it. The bucket's door and a media node's copy decide by the same. */
import { isImmutable } from "./addresses.ts";
import { askedRange, namesEtag, placeOf } from "./range.ts";

/** What lies there: its name in the bucket, its entity tag and how many octets it has. */
export interface Stored {
  name: string;
  etag: string;
  size: number;
}

export type Octets =
  | { status: 200 | 206; offset: number; length: number; headers: Record<string, string> }
  | { status: 304; headers: Record<string, string> }
  | { status: 412 }
  | { status: 416 };

/** @param header a header of the request by its lower-case name, null where there is none */
export function octetsFor(
  { name, etag, size }: Stored,
  method: string,
  header: (name: string) => string | null,
): Octets {
  const headers: Record<string, string> = {
    etag,
    "accept-ranges": "bytes",
    "content-type": name.endsWith(".json") ? "application/json" : "application/octet-stream",
    // A proxy that packs or mends octets would break their hash.
    "cache-control": isImmutable(name) ? "public, max-age=31536000, immutable, no-transform" : "no-cache, no-transform",
  };
  const ifMatch = header("if-match");
  if (ifMatch !== null && !namesEtag(ifMatch, etag)) return { status: 412 };
  const ifNoneMatch = header("if-none-match");
  if (ifNoneMatch !== null && namesEtag(ifNoneMatch, etag)) return { status: 304, headers };

  // Ranges are for GET alone (§14.2).
  const asked = askedRange(method === "GET" ? header("range") : null, header("if-range"), etag);
  const place = asked.part ? placeOf(asked.range, size) : { offset: 0, length: size };
  if (!place) return { status: 416 };
  headers["content-length"] = String(place.length);
  if (asked.part) headers["content-range"] = `bytes ${place.offset}-${place.offset + place.length - 1}/${size}`;
  return { status: asked.part ? 206 : 200, ...place, headers };
}
