/** Range requests as RFC 9110 §14 has them: one range of octets, or the whole. */

export type Asked =
  | { part: false }
  /** `suffix`: so many octets from the end. */
  | { part: true; range: { offset: number; length?: number } | { suffix: number } };

/** Far more than an image has, and still exact. */
const largest = Number.MAX_SAFE_INTEGER;

/**
 * What of a representation is asked for. A header that is malformed, of another unit, or of several ranges is ignored, as §14.2
 * allows; and so is one whose `If-Range` names other contents (§13.1.5: compared strongly, and we tell no dates).
 */
export function askedRange(range: string | null, ifRange: string | null, etag: string): Asked {
  const whole: Asked = { part: false };
  if (range === null || (ifRange !== null && ifRange !== etag)) return whole;
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(range) ?? [];
  if (first === undefined || last === undefined || first + last === "") return whole;
  const [from, until] = [Number(first), Number(last)];
  if (from > largest || until > largest) return whole;
  if (first === "") return { part: true, range: { suffix: until } };
  if (last === "") return { part: true, range: { offset: from } };
  return until < from ? whole : { part: true, range: { offset: from, length: until - from + 1 } };
}

/** Whether `If-None-Match` names these contents (RFC 9110 §13.1.2: compared weakly). */
export function namesEtag(header: string, etag: string): boolean {
  const bare = (text: string) => text.trim().replace(/^W\//, "");
  return header.trim() === "*" || header.split(",").some((one) => bare(one) === bare(etag));
}

/** Where a range lies in a representation of so many octets; undefined where nothing of it does (§15.5.17: 416). */
export function placeOf(
  range: { offset: number; length?: number } | { suffix: number },
  size: number,
): { offset: number; length: number } | undefined {
  const offset = "suffix" in range ? Math.max(0, size - range.suffix) : range.offset;
  const wanted = "suffix" in range ? range.suffix : (range.length ?? size);
  const length = Math.min(wanted, size - offset);
  return length > 0 ? { offset, length } : undefined;
}
