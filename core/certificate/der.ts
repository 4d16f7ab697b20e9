/** Distinguished encoding rules (X.690), as far as a revocation list needs them: each function gives one value's octets. */

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
  return [0x80 | octets.length, ...octets];
}

export const value = (tag: number, ...contents: readonly Uint8Array[]) => encode(tag, contents);

/** One value: tag, length and contents, one after the other. */
function encode(tag: number, contents: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of contents) length += part.length;
  const head = lengthOctets(length);
  const out = new Uint8Array(1 + head.length + length);
  out[0] = tag;
  out.set(head, 1);
  let at = 1 + head.length;
  for (const part of contents) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const sequence = (...contents: readonly Uint8Array[]) => value(0x30, ...contents);
/** Any number of them: more than a call takes as arguments. */
export const sequenceOf = (contents: readonly Uint8Array[]) => encode(0x30, contents);
export const octetString = (contents: Uint8Array) => value(0x04, contents);
export const bitString = (contents: Uint8Array) => value(0x03, Uint8Array.of(0), contents);
export const enumerated = (number: number) => value(0x0a, Uint8Array.of(number));
export const yes = Uint8Array.of(0x01, 0x01, 0xff);
/** `[n]` before something that is a value itself, or before several. */
export const explicit = (n: number, ...contents: readonly Uint8Array[]) => value(0xa0 | n, ...contents);
/** `[n]` in place of the tag of octets or text. */
export const implicit = (n: number, contents: Uint8Array) => value(0x80 | n, contents);

/** An INTEGER of any size, not negative, from its octets with the most significant first. */
export function unsigned(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const trimmed = octets.subarray(start);
  return (trimmed[0] ?? 0) >= 0x80 ? value(0x02, Uint8Array.of(0), trimmed) : value(0x02, trimmed);
}

export function integer(number: number): Uint8Array {
  const octets: number[] = [];
  for (let left = number; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
  return unsigned(Uint8Array.from(octets.length ? octets : [0]));
}

export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const octets = [first * 40 + second];
  for (const number of rest) {
    const groups = [number % 128];
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(0x80 | (left % 128));
    octets.push(...groups);
  }
  return value(0x06, Uint8Array.from(octets));
}

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5). @param moment milliseconds since the epoch */
export function time(moment: number): Uint8Array {
  const digits = `${new Date(moment).toISOString().slice(0, 19).replace(/[-T:]/g, "")}Z`;
  const late = digits >= "2050";
  return value(late ? 0x18 : 0x17, text(late ? digits : digits.slice(2)));
}

export const text = (ascii: string) => new TextEncoder().encode(ascii);

export function fromHex(hex: string): Uint8Array {
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Uint8Array.from({ length: even.length / 2 }, (_, at) => Number.parseInt(even.slice(at * 2, at * 2 + 2), 16));
}
