/** NTP version 4 as a server answers it to a client that only wants the time (SNTP, RFC 5905 §7.3 and §14). */

/** Seconds between 1900, where NTP counts from, and 1970. */
const era = 2_208_988_800;
export const packetLength = 48;

/** Mode 3: a client asks. Mode 4: a server answers. */
const client = 3;
const server = 4;

export interface ServerClock {
  /** 1 to 15: how many servers there are between this one and a reference clock. */
  stratum: number;
  /** Four octets: the server this one follows. */
  reference: Buffer;
  /** How far the clock may be off at most, in seconds. */
  dispersion: number;
}

/** 32.32 fixed point, modulo 2³² seconds. @param moment milliseconds since 1970 */
function writeTimestamp(packet: Buffer, at: number, moment: number): void {
  const seconds = Math.floor(moment / 1000);
  packet.writeUInt32BE((seconds + era) % 2 ** 32, at);
  packet.writeUInt32BE(Math.floor(((moment / 1000) % 1) * 2 ** 32), at + 4);
}

/**
 * The answer to a request, exactly as long as it, so that nobody is flooded by way of us. Undefined for anything else
 * than a client's request of versions 3 or 4: such a packet gets no answer.
 * @param received and `sent` milliseconds since 1970, with fractions
 */
export function answerTo(
  request: Buffer,
  clock: ServerClock,
  received: number,
  sent: () => number,
): Buffer | undefined {
  const first = request[0] ?? 0;
  const version = (first >> 3) & 7;
  if (request.length !== packetLength || (first & 7) !== client || version < 3 || version > 4) return undefined;
  const answer = Buffer.alloc(packetLength);
  answer[0] = (version << 3) | server;
  answer[1] = clock.stratum;
  answer[2] = request[2] ?? 0;
  answer.writeInt8(-20, 3); // precision: about a microsecond
  answer.writeUInt32BE(Math.round(clock.dispersion * 65_536), 8);
  clock.reference.copy(answer, 12, 0, 4);
  writeTimestamp(answer, 16, received);
  request.copy(answer, 24, 40, 48); // their transmit timestamp comes back as the origin
  writeTimestamp(answer, 32, received);
  writeTimestamp(answer, 40, sent());
  return answer;
}
