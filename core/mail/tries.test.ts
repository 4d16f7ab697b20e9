import { expect, it } from "vitest";
import { nextTry } from "./tries.ts";

it("sends a mail again after a minute, then later each time, twice an hour at least, and gives it up after a day", () => {
  const minute = 60_000;
  const pauses: number[] = [];
  let now = 0;
  for (let at = nextTry({ tries: 1, since: 0 }, now); at !== undefined; ) {
    pauses.push((at - now) / minute);
    now = at;
    at = nextTry({ tries: pauses.length + 1, since: 0 }, now);
  }
  expect(pauses.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 30, 30]);
  expect(now).toBeGreaterThanOrEqual(24 * 60 * minute);
  expect(now).toBeLessThan(24.5 * 60 * minute);
});
