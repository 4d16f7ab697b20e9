/**
 * Which addresses the whole Internet reaches, by the registries of special-purpose addresses (RFC 6890, as IANA keeps them). Whoever
 * connects to where others say must not be sent into our own network by it. Pure.
 */

/** First octets, and how many bits of them count. */
type Block = readonly [readonly number[], number];

const notPublic4: readonly Block[] = [
  [[0], 8], // "this network", RFC 791 §3.2
  [[10], 8], // private, RFC 1918
  [[100, 64], 10], // behind a provider's translation, RFC 6598
  [[127], 8], // loopback, RFC 1122 §3.2.1.3
  [[169, 254], 16], // link-local, RFC 3927
  [[172, 16], 12], // private, RFC 1918
  [[192, 0, 0], 24], // IETF protocol assignments, RFC 6890 §2.1
  [[192, 0, 2], 24], // documentation, RFC 5737
  [[192, 88, 99], 24], // relays of 6to4, RFC 7526
  [[192, 168], 16], // private, RFC 1918
  [[198, 18], 15], // benchmarks, RFC 2544
  [[198, 51, 100], 24], // documentation, RFC 5737
  [[203, 0, 113], 24], // documentation, RFC 5737
  [[224], 4], // multicast, RFC 5771
  [[240], 4], // reserved, and broadcast, RFC 1112 §4
];

/** RFC 4291 §2.4: the only unicast addresses that are assigned to the Internet. */
const unicast6: Block = [[0x20], 3];
const notPublic6: readonly Block[] = [
  [[0x20, 0x01, 0x00], 23], // IETF protocol assignments, Teredo among them, RFC 2928 and 4380
  [[0x20, 0x01, 0x0d, 0xb8], 32], // documentation, RFC 3849
  [[0x3f, 0xff, 0x00], 20], // documentation, RFC 9637
];
/** What leads to an IPv4 address is as public as that one. */
const sixToFour: Block = [[0x20, 0x02], 16]; // RFC 3056 §2: the address follows
const nat64: Block = [[0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 96]; // RFC 6052 §2.1: the address is at the end

function isIn(octets: readonly number[], [prefix, bits]: Block): boolean {
  return prefix.every((octet, i) => {
    const count = Math.min(8, bits - 8 * i);
    const mask = (0xff << (8 - count)) & 0xff;
    return ((octets[i] ?? 0) & mask) === octet;
  });
}

function octetsOf4(text: string): number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet <= 255) ? octets : undefined;
}

function octetsOf6(text: string): number[] | undefined {
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text) || !URL.canParse(`http://[${text}]/`)) return undefined;
  // The URL's way to write it: groups of hexadecimal digits alone.
  const [head = "", tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return all.flatMap((group) => [group >> 8, group & 0xff]);
}

const isPublic4 = (octets: readonly number[]) => !notPublic4.some((block) => isIn(octets, block));

/** @param address IPv4 or IPv6 as text, without brackets. Whatever is no address, or mapped (`::ffff:…`), is not public */
export function isPublicAddress(address: string): boolean {
  const four = octetsOf4(address);
  if (four) return isPublic4(four);
  const six = octetsOf6(address);
  if (!six) return false;
  if (isIn(six, nat64)) return isPublic4(six.slice(12));
  if (isIn(six, sixToFour)) return isPublic4(six.slice(2, 6));
  return isIn(six, unicast6) && !notPublic6.some((block) => isIn(six, block));
}

/**
 * Whether the URL names its host by an address, in whatever notation, that is not public. A name may lead anywhere: that is seen by
 * who connects.
 */
export function namesPrivateAddress(url: string): boolean {
  // Of http alone a URL's host is read as resolvers read it: `127.1` and `0x7f000001` are addresses.
  const read = url.replace(/^[a-z]+:/i, "http:");
  if (!URL.canParse(read)) return false;
  const host = new URL(read).hostname;
  const address = host.startsWith("[") ? host.slice(1, -1) : octetsOf4(host) && host;
  return address !== undefined && !isPublicAddress(address);
}
