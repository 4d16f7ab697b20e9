/**
 * One unbroken outgoing stream out of changing sources: when the source changes (another person answers, a browser rejoins,
 * a beep is put in), sequence numbers and timestamps go on where they were, as RFC 3550 wants of one SSRC. Gaps and
 * reordering within a source are kept, so that the receiver sees what was lost.
 */
import type { RtpPacket } from "./rtp.ts";

/** A jump beyond this within a source is a restart of the source, not loss (RFC 3550 appendix A.1, MAX_DROPOUT). */
const maxDropout = 3000;

export type Continuity = {
  /** Sequence and timestamp for a packet that arrived at `now` (ms). Nothing for a late packet of a former source. */
  next(packet: Pick<RtpPacket, "ssrc" | "sequence" | "timestamp">, now: number): Place | undefined;
  /** We ourselves sent nothing for a while: what was left out is not to look lost. */
  interrupted(): void;
};
export type Place = { sequence: number; timestamp: number };

/**
 * @param clockRate of the RTP timestamps, Hz
 * @param start first sequence number and timestamp, which should be random (RFC 3550 §5.1)
 */
export function continuity(clockRate: number, start: Place): Continuity {
  let source: number | undefined;
  let former: number | undefined;
  let sequenceOffset = 0;
  let timestampOffset = 0;
  let highest: Place | undefined;
  let highestAt = 0;
  return {
    next(packet, now) {
      // Stragglers of the source we just left would flip us back.
      if (packet.ssrc === former && now - highestAt < 500) return undefined;
      let sequence = (packet.sequence + sequenceOffset) & 0xffff;
      const jump = highest ? signed16(sequence - highest.sequence) : 0;
      if (packet.ssrc !== source || Math.abs(jump) > maxDropout) {
        const elapsed = Math.max(1, Math.round(((now - highestAt) * clockRate) / 1000));
        const place = highest
          ? { sequence: (highest.sequence + 1) & 0xffff, timestamp: (highest.timestamp + elapsed) >>> 0 }
          : start;
        former = source === packet.ssrc ? undefined : source;
        source = packet.ssrc;
        sequenceOffset = place.sequence - packet.sequence;
        timestampOffset = place.timestamp - packet.timestamp;
        sequence = place.sequence;
        highest = undefined;
      }
      const timestamp = (packet.timestamp + timestampOffset) >>> 0;
      if (!highest || signed16(sequence - highest.sequence) > 0) {
        highest = { sequence, timestamp };
        highestAt = now;
      }
      return { sequence, timestamp };
    },
    interrupted() {
      source = undefined;
    },
  };
}

/** The difference of two sequence numbers, -32768 to 32767. */
export function signed16(difference: number): number {
  return (difference << 16) >> 16;
}
