/** NTP version 4 between a client that only wants the time and its server (SNTP, RFC 5905 §7.3 and §14). Moments are milliseconds since 1970. */

/** Seconds between 1900, where NTP counts from, and 1970. */
const epoch = 2_208_988_800;
/** Seconds after which NTP's count begins anew, in 2036 for the first time. */
const eraLength = 2 ** 32;
export const packetLength = 48;

/** Mode 3: a client asks. Mode 4: a server answers. */
const client = 3;
const server = 4;
/** Where in a packet its time stamps are. */
const places = { origin: 24, received: 32, transmitted: 40 };
const stampLength = 8;

export interface ServerClock {
  /** 1 to 15: how many servers there are between this one and a reference clock. */
  stratum: number;
  /** Four octets: the server this one follows. */
  reference: Uint8Array;
  /** How far the clock may be off at most, in seconds. */
  dispersion: number;
}

const viewOf = (packet: Uint8Array) => new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
const stampAt = (packet: Uint8Array, place: number) => packet.subarray(place, place + stampLength);

/** 32.32 fixed point, modulo 2³² seconds. */
function writeTimestamp(packet: DataView, at: number, moment: number): void {
  const seconds = Math.floor(moment / 1000);
  packet.setUint32(at, (seconds + epoch) % eraLength);
  packet.setUint32(at + 4, Math.floor(((moment / 1000) % 1) * 2 ** 32));
}

/** @param near what tells the era: the moment that fits and lies nearest to it is meant */
function readTimestamp(packet: DataView, at: number, near: number): number {
  const moment = (packet.getUint32(at) - epoch + packet.getUint32(at + 4) / 2 ** 32) * 1000;
  const era = eraLength * 1000;
  return moment + Math.round((near - moment) / era) * era;
}

/** A client's question. @param mark eight octets in the time stamp's place, that nobody can guess: the answer brings them back */
export function questionWith(mark: Uint8Array): Uint8Array {
  const question = new Uint8Array(packetLength);
  question[0] = (4 << 3) | client;
  question.set(mark.subarray(0, stampLength), places.transmitted);
  return question;
}

/**
 * The answer to a question, exactly as long as it, so that nobody is flooded by way of us. Undefined for anything else
 * than a client's question of versions 3 or 4: such a packet gets no answer.
 * @param received and `sent` with fractions
 */
export function answerTo(
  question: Uint8Array,
  clock: ServerClock,
  received: number,
  sent: () => number,
): Uint8Array | undefined {
  const first = question[0] ?? 0;
  const version = (first >> 3) & 7;
  if (question.length !== packetLength || (first & 7) !== client || version < 3 || version > 4) return undefined;
  const answer = new Uint8Array(packetLength);
  const view = viewOf(answer);
  answer[0] = (version << 3) | server;
  answer[1] = clock.stratum;
  answer[2] = question[2] ?? 0;
  view.setInt8(3, -20); // precision: about a microsecond
  view.setUint32(8, Math.round(clock.dispersion * 65_536));
  answer.set(clock.reference.subarray(0, 4), 12);
  writeTimestamp(view, 16, received);
  answer.set(stampAt(question, places.transmitted), places.origin);
  writeTimestamp(view, places.received, received);
  writeTimestamp(view, places.transmitted, sent());
  return answer;
}

export type ReadAnswer =
  | { says: "time"; received: number; sent: number }
  /** Stratum 0: it does not want to be asked, or not so often (RFC 5905 §7.4). */
  | { says: "kiss-of-death"; code: string }
  /** Its own clock follows nobody. */
  | { says: "unsynchronised" };

/** Undefined: no answer to this question, but one of another's, an old one, or one that somebody made up. @param near as the era is told by */
export function readAnswer(answer: Uint8Array, mark: Uint8Array, near: number): ReadAnswer | undefined {
  const [first = 0, stratum = 0] = answer;
  if (answer.length < packetLength || (first & 7) !== server) return undefined;
  if (!stampAt(answer, places.origin).every((octet, index) => octet === mark[index])) return undefined;
  if (stratum === 0) return { says: "kiss-of-death", code: String.fromCharCode(...answer.subarray(12, 16)) };
  const view = viewOf(answer);
  const isSet = view.getUint32(places.transmitted) !== 0;
  if (first >> 6 === 3 || stratum > 15 || !isSet) return { says: "unsynchronised" };
  const [received, sent] = [places.received, places.transmitted].map((place) => readTimestamp(view, place, near));
  return received === undefined || sent === undefined ? undefined : { says: "time", received, sent };
}
