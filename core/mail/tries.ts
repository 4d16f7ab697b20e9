/** When a mail that was not taken is sent again: later each time, and no more after a day (RFC 5321 §4.5.4.1). Milliseconds. */

const firstPause = 60_000;
const longestPause = 30 * 60_000;
const life = 24 * 3_600_000;

/**
 * @param tries how often it was sent in vain, at least once
 * @param since when it was written
 * @returns the moment to send it again, or nothing: it is given up
 */
export function nextTry({ tries, since }: { tries: number; since: number }, now: number): number | undefined {
  if (now - since >= life) return undefined;
  return now + Math.min(longestPause, firstPause * 2 ** (tries - 1));
}
