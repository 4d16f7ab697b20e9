/**
 * A device's clock, set over a network anyone may sit in. It never goes before its build date nor its last known time, and
 * a step across the end of something that expires (a certificate, a TUF role) is not taken on one server's word alone:
 * or else whoever answers for the time server could make an expired key good again, or a good one expire.
 */

export interface KnownTime {
  /** When the firmware was built. Milliseconds since the epoch, as are all here. */
  built: number;
  /** The latest moment this device ever knew, kept over restarts. */
  latest: number;
  /** What its clock says now. */
  now: number;
}

export type TimeVerdict =
  | { take: true; now: number }
  /** `before-known-time`: it lies before what is known to have been. `crosses-expiry`: a second witness is needed. */
  | { take: false; reason: "before-known-time" | "crosses-expiry" };

/** Clocks drift. A step so small is taken whatever it crosses. Milliseconds. */
const drift = 60_000;

/**
 * Judges what a time server says.
 * @param expiries moments at which something the device relies on begins or ends
 * @param witness a second opinion that can't be forged along with the first: the `Date` of an answer over TLS. Absent: none yet.
 */
export function judgeTime(
  known: KnownTime,
  offered: number,
  expiries: readonly number[],
  witness?: number,
): TimeVerdict {
  const earliest = Math.max(known.built, known.latest - drift);
  if (offered < earliest) return { take: false, reason: "before-known-time" };
  const small = Math.abs(offered - known.now) <= drift;
  const agreed = witness !== undefined && Math.abs(offered - witness) <= drift;
  const between =
    ([from, until]: readonly [number, number]) =>
    (moment: number) =>
      from < moment && moment <= until;
  const crossed = expiries.some(between(offered > known.now ? [known.now, offered] : [offered, known.now]));
  if (crossed && !small && !agreed) return { take: false, reason: "crosses-expiry" };
  return { take: true, now: offered };
}
