/** How an image comes together: which octets of which packet are missing, and what each kind of failure means. */
import { type Manifest, packetAt } from "./manifest.ts";

/** How many octets of each packet are on the disk, from the packet's start. A whole packet has been verified. */
export type Received = readonly number[];

export interface Missing {
  packet: number;
  /** Octets of the image, `end` excluded. */
  start: number;
  end: number;
}

/** What is missing of one packet; undefined where nothing is. It goes on inside the packet, where the last connection broke. */
export function missingOf(manifest: Manifest, received: Received, packet: number): Missing | undefined {
  const { start, length } = packetAt(manifest, packet);
  const have = received[packet] ?? 0;
  return have < length ? { packet, start: start + have, end: start + length } : undefined;
}

/** Packets that are not whole, begun ones first: they need least. */
export function missingPackets(manifest: Manifest, received: Received): number[] {
  const missing = manifest.packets.map((_, packet) => packet).filter((one) => missingOf(manifest, received, one));
  const begun = (packet: number) => ((received[packet] ?? 0) > 0 ? 0 : 1);
  return missing.toSorted((a, b) => begun(a) - begun(b) || a - b);
}

export const receivedOctets = (received: Received): number => received.reduce((sum, octets) => sum + octets, 0);

/** How one request for a packet ended. */
export type Outcome =
  | { kind: "status"; status: number }
  /** The connection broke, or fell silent. */
  | { kind: "broken"; progressed: boolean }
  /** All is there and the hash is another. */
  | { kind: "damaged"; times: number };

export type Reaction = { do: "again"; after: number } | { do: "end"; reason: string };

/** Failures in a row of one packet that brought no octet: together they take about four minutes. */
const mostTries = 10;
const mostDamaged = 5;
/** Milliseconds. */
const firstWait = 500;
const longestWait = 60_000;

/**
 * What to do after a failure: a 4xx ends the attempt, since asking again would be answered the same; a 5xx or a broken
 * connection backs off. Nothing is tried for ever.
 * @param fruitless failures in a row without a single octet, this one included; @param random 0 to 1, drawn for this decision
 */
export function reactTo(outcome: Outcome, fruitless: number, random: number): Reaction {
  if (outcome.kind === "damaged") {
    return outcome.times < mostDamaged ? { do: "again", after: 0 } : { do: "end", reason: "damaged-every-time" };
  }
  if (outcome.kind === "broken" && outcome.progressed) return { do: "again", after: 0 };
  if (outcome.kind === "status" && outcome.status < 500) return { do: "end", reason: `refused-${outcome.status}` };
  if (fruitless >= mostTries) return { do: "end", reason: "no-answer" };
  const ceiling = Math.min(longestWait, firstWait * 2 ** (fruitless - 1));
  // "Equal jitter": at least half, so that a fleet that lost its server together does not come back together.
  return { do: "again", after: Math.round(ceiling / 2 + (random * ceiling) / 2) };
}
