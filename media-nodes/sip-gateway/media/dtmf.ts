/** Keys pressed in a call, as RTP events (RFC 4733). A press is many packets with one timestamp; it counts once. */
import type { RtpPacket } from "./rtp.ts";

const digits = "0123456789*#ABCD";

/** Returns the digit at the first packet of a press, and nothing for its repeats. */
export function dtmfReader(): (packet: RtpPacket) => string | undefined {
  let newest: { ssrc: number; timestamp: number } | undefined;
  return (packet) => {
    if (packet.payload.length < 4) return undefined;
    const digit = digits[packet.payload[0] ?? 255];
    if (digit === undefined) return undefined;
    if (newest?.ssrc === packet.ssrc) {
      // Equal: the same press. Lower: a straggler of an earlier one.
      const later = (packet.timestamp - newest.timestamp) | 0;
      if (later <= 0) return undefined;
    }
    newest = { ssrc: packet.ssrc, timestamp: packet.timestamp };
    return digit;
  };
}
