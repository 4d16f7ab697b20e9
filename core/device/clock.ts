/**
 * A device's clock, set over a network anyone may sit in. It never goes before its build date nor its last known time, and
 * no further from what it reckons itself than a minute on one server's word alone: or else whoever answers for the time server
 * could make an expired certificate good again, or a good TUF role expire. To refuse only a step across such an end would not do: a
 * step next to it is as good, and a moment's patience.
 */

export interface KnownTime {
  /** When the firmware was built. Milliseconds since the epoch, as are all here. */
  built: number;
  /** The latest moment this device ever knew, kept over restarts. */
  latest: number;
  /** The last moment that it was sure of, and what it has counted by itself since. */
  reckoned: number;
}

export type TimeVerdict =
  | { take: true; witnessed: boolean }
  /** `before-known-time`: it lies before what is known to have been. `not-witnessed`: a second witness has to agree. */
  | { take: false; reason: "before-known-time" | "not-witnessed" };

/** Clocks drift. Milliseconds. */
const drift = 60_000;

/**
 * Judges what a time server says.
 * @param witness a second opinion that can't be forged along with the first: the `Date` of an answer over TLS. Absent: none yet.
 */
export function judgeTime({ built, latest, reckoned }: KnownTime, offered: number, witness?: number): TimeVerdict {
  if (offered < Math.max(built, latest - drift)) return { take: false, reason: "before-known-time" };
  const agreesWith = (moment: number) => Math.abs(offered - moment) <= drift;
  if (witness !== undefined && agreesWith(witness)) return { take: true, witnessed: true };
  return agreesWith(reckoned) ? { take: true, witnessed: false } : { take: false, reason: "not-witnessed" };
}
