/** How good a connection is, in words a person can use. Pure. */
export type QualityWord = "good" | "fair" | "poor";

export interface Measured {
  /** Milliseconds there and back. */
  roundTrip: number | undefined;
  /** Of the packets since the last look, 0 to 1. */
  loss: number;
}

/** Speech suffers from about 3 % of loss or 300 ms there and back; from 10 % or 600 ms people talk over each other. */
export function qualityWord({ roundTrip = 0, loss }: Measured): QualityWord {
  if (loss > 0.1 || roundTrip > 600) return "poor";
  if (loss > 0.03 || roundTrip > 300) return "fair";
  return "good";
}

/** One look at a connection, from the browser's statistics. */
export interface Look {
  packets: number;
  lost: number;
  roundTrip: number | undefined;
  codec: string | undefined;
  /** Of sound, without the packets' headers. */
  bytes: number;
  /** When this was so, milliseconds. */
  at: number;
}

/** Reads what we show from a statistics report of the received sound (W3C webrtc-stats). */
export function readLook(report: RTCStatsReport): Look {
  const look: Look = { packets: 0, lost: 0, roundTrip: undefined, codec: undefined, bytes: 0, at: 0 };
  for (const entry of report.values()) {
    if (entry.type === "inbound-rtp" && entry.kind === "audio") {
      look.packets = entry.packetsReceived ?? 0;
      look.lost = entry.packetsLost ?? 0;
      look.bytes = entry.bytesReceived ?? 0;
      look.at = entry.timestamp;
      look.codec = codecName(report.get(entry.codecId)?.mimeType);
    }
    if (entry.type === "candidate-pair" && entry.nominated && entry.currentRoundTripTime !== undefined) {
      look.roundTrip = Math.round(entry.currentRoundTripTime * 1_000);
    }
  }
  return look;
}

/** Loss between two looks, 0 to 1. */
export function lossBetween(before: Look, after: Look): number {
  const lost = Math.max(0, after.lost - before.lost);
  const all = lost + Math.max(0, after.packets - before.packets);
  return all === 0 ? 0 : lost / all;
}

/** Bits a second between two looks; undefined where no time has passed. */
export function bitRate(before: Look, after: Look): number | undefined {
  const seconds = (after.at - before.at) / 1_000;
  return seconds > 0 ? Math.max(0, (after.bytes - before.bytes) * 8) / seconds : undefined;
}

const codecNames: Record<string, string> = { opus: "Opus", g722: "G.722", pcmu: "G.711", pcma: "G.711" };

/**
 * As people who buy intercoms write it. Without a sampling rate: what is in the statistics is RTP's clock, which is 48 kHz for
 * any Opus (RFC 7587 §4.1) and 8 kHz for G.722, which samples at 16 (RFC 3551 §4.5.2).
 */
function codecName(mimeType: string | undefined): string | undefined {
  const name = mimeType?.split("/")[1];
  return name && (codecNames[name.toLowerCase()] ?? name);
}
