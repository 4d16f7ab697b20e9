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
  clockRate: number | undefined;
}

/** Reads what we show from a statistics report of the received sound (W3C webrtc-stats). */
export function readLook(report: RTCStatsReport): Look {
  const look: Look = { packets: 0, lost: 0, roundTrip: undefined, codec: undefined, clockRate: undefined };
  for (const entry of report.values()) {
    if (entry.type === "inbound-rtp") {
      look.packets = entry.packetsReceived ?? 0;
      look.lost = entry.packetsLost ?? 0;
      const codec = report.get(entry.codecId);
      look.codec = codec?.mimeType?.split("/")[1];
      look.clockRate = codec?.clockRate;
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
