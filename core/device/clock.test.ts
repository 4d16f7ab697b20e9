import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeTime } from "./clock.ts";

const minute = 60_000;
const day = 86_400_000;
const built = Date.UTC(2026, 0, 1);
const unpacked = { built, latest: built, reckoned: built };

test("no time before the build date or the last known one is taken, whoever agrees", () => {
  const earlier = { take: false, reason: "before-known-time" };
  expect(judgeTime(unpacked, built - day, built - day)).toEqual(earlier);
  const known = { built, latest: built + 100 * day, reckoned: built + 100 * day };
  expect(judgeTime(known, built + 50 * day, built + 50 * day)).toEqual(earlier);
});

test("a step needs a second witness, who agrees", () => {
  const later = built + 100 * day;
  expect(judgeTime(unpacked, later)).toEqual({ take: false, reason: "not-witnessed" });
  expect(judgeTime(unpacked, later, built + 10 * day)).toEqual({ take: false, reason: "not-witnessed" });
  expect(judgeTime(unpacked, later, later - 500)).toEqual({ take: true, witnessed: true });
});

test("ordinary drift is put right without one", () => {
  const known = { built, latest: built + day, reckoned: built + day };
  expect(judgeTime(known, built + day + 2000)).toEqual({ take: true, witnessed: false });
  expect(judgeTime(known, built + day - 2000)).toEqual({ take: true, witnessed: false });
});

test("a clock that stood in the future comes back once somebody agrees", () => {
  const known = { built, latest: built + day, reckoned: built + 5000 * day };
  expect(judgeTime(known, built + 2 * day, built + 2 * day)).toEqual({ take: true, witnessed: true });
});

test("however many answers a liar gives, the clock stays within a minute of the truth while nobody agrees with them", () => {
  const lies = fc.array(fc.oneof(fc.integer({ min: -3 * minute, max: 3 * minute }), fc.integer({ max: 400 * day })));
  fc.assert(
    fc.property(lies, (steps) => {
      const truth = built + 100 * day;
      let now = truth;
      let latest = truth;
      for (const step of steps) {
        const offered = now + step;
        if (!judgeTime({ built, latest, reckoned: truth }, offered).take) continue;
        now = offered;
        latest = Math.max(latest, now);
      }
      expect(Math.abs(now - truth)).toBeLessThanOrEqual(minute);
    }),
  );
});
