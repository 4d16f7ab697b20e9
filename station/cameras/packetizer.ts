/** H.264 in RTP, single NAL units and FU-A (RFC 6184 §5.6 and §5.8): how a picture that comes whole goes out in packets. Pure. */
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";

const fuA = 28;
const clockRate = 90_000;

/** Cuts a NAL unit into payloads of at most `most` bytes. */
export function payloadsOf(unit: Buffer, most: number): Buffer[] {
  if (unit.length <= most) return [unit];
  const head = unit[0] ?? 0;
  const size = most - 2;
  return Array.from({ length: Math.ceil((unit.length - 1) / size) }, (_, i) => {
    const from = 1 + i * size;
    const first = i === 0 ? 0x80 : 0;
    const last = from + size >= unit.length ? 0x40 : 0;
    return Buffer.concat([
      Buffer.from([(head & 0xe0) | fuA, first | last | (head & 0x1f)]),
      unit.subarray(from, from + size),
    ]);
  });
}

/**
 * One stream of packets out of access units, each given as its NAL units. Time stamps follow `now` (milliseconds) and grow
 * with every access unit, also where many come at once.
 */
export function packetizer(
  options: { ssrc: number; most: number; now: () => number },
  send: (packet: RtpPacket) => void,
): (units: readonly Buffer[]) => void {
  const { ssrc, most, now } = options;
  let sequence = 0;
  let stamp = 0;
  return (units) => {
    stamp = Math.max(stamp + 1, Math.round((now() * clockRate) / 1000));
    const payloads = units.flatMap((unit) => payloadsOf(unit, most));
    for (const [i, payload] of payloads.entries()) {
      sequence = (sequence + 1) & 0xffff;
      send({ payloadType: 0, marker: i === payloads.length - 1, sequence, timestamp: stamp >>> 0, ssrc, payload });
    }
  };
}
