/** What a receiver report says about a stream: loss and jitter, after RFC 3550 appendix A.3 and A.8. */
import { signed16 } from "./continuity.ts";
import type { ReportBlock } from "./rtcp.ts";
import type { RtpPacket } from "./rtp.ts";

export type Reception = {
  /** Notes a packet that arrived at `now` (ms). A new SSRC starts anew. */
  note(packet: RtpPacket, now: number): void;
  noteSenderReport(ssrc: number, compactNtp: number, now: number): void;
  /** The block for the next report; nothing before the first packet. Begins a new interval. */
  block(now: number): ReportBlock | undefined;
  readonly ssrc: number | undefined;
  readonly received: number;
  readonly lost: number;
};

export function reception(clockRate: number): Reception {
  let ssrc: number | undefined;
  let base = 0;
  let highest = 0; // extended
  let received = 0; // of this SSRC
  let total = 0;
  let lostBefore = 0; // of former SSRCs
  let jitter = 0;
  let transit: number | undefined;
  let expectedPrior = 0;
  let receivedPrior = 0;
  let sr: { compactNtp: number; at: number } | undefined;
  const expected = () => (ssrc === undefined ? 0 : highest - base + 1);
  const lost = () => expected() - received;
  return {
    note(packet, now) {
      if (packet.ssrc !== ssrc) {
        lostBefore += Math.max(0, lost());
        ssrc = packet.ssrc;
        base = packet.sequence;
        highest = packet.sequence;
        received = 0;
        expectedPrior = 0;
        receivedPrior = 0;
        transit = undefined;
        jitter = 0;
        sr = undefined;
      }
      received++;
      total++;
      const ahead = signed16(packet.sequence - highest);
      if (ahead > 0) highest += ahead;
      const arrival = (now * clockRate) / 1000;
      const newTransit = (arrival - packet.timestamp) % 0x100000000;
      if (transit !== undefined) {
        const difference = Math.abs(newTransit - transit);
        // A timestamp that wrapped or jumped says nothing about the network.
        if (difference < clockRate * 10) jitter += (difference - jitter) / 16;
      }
      transit = newTransit;
    },
    noteSenderReport(from, compactNtp, now) {
      if (from === ssrc) sr = { compactNtp, at: now };
    },
    block(now) {
      if (ssrc === undefined) return undefined;
      const expectedInterval = expected() - expectedPrior;
      const lostInterval = expectedInterval - (received - receivedPrior);
      expectedPrior = expected();
      receivedPrior = received;
      const fractionLost =
        expectedInterval > 0 && lostInterval > 0
          ? Math.min(255, Math.floor((lostInterval * 256) / expectedInterval))
          : 0;
      return {
        ssrc,
        fractionLost,
        lost: lost(),
        highestSequence: highest % 0x100000000,
        jitter: Math.round(jitter),
        lastSr: sr?.compactNtp ?? 0,
        delaySinceLastSr: sr ? Math.round((now - sr.at) * 65.536) : 0,
      };
    },
    get ssrc() {
      return ssrc;
    },
    get received() {
      return total;
    },
    get lost() {
      return lostBefore + Math.max(0, lost());
    },
  };
}
