/** When pictures stand still so that the two hear each other. Pure: time is a parameter. */
import type { QualityWord } from "./quality.ts";

/** So long a connection has to be poor in one piece. Milliseconds. */
const patience = 3_000;
/** So long pictures rest at least; twice as long each time that moving pictures made it poor again, up to the longest. */
const firstRest = 8_000;
const longestRest = 64_000;

export interface PictureRest {
  resting: boolean;
  /** When the connection turned poor, or since when it is not poor any more while resting. */
  since: number | undefined;
  /** How long the next rest lasts. Milliseconds. */
  length: number;
}

export const moving: PictureRest = { resting: false, since: undefined, length: firstRest };

/** @param now of a clock that only goes forward, milliseconds */
export function nextRest(rest: PictureRest, word: QualityWord, now: number): PictureRest {
  const poor = word === "poor";
  if (rest.resting) {
    if (poor) return { ...rest, since: undefined };
    const since = rest.since ?? now;
    if (now - since < rest.length) return { ...rest, since };
    return { resting: false, since: undefined, length: Math.min(longestRest, rest.length * 2) };
  }
  if (!poor) return rest.since === undefined ? rest : { ...rest, since: undefined };
  const since = rest.since ?? now;
  return now - since < patience ? { ...rest, since } : { ...rest, resting: true, since: undefined };
}
