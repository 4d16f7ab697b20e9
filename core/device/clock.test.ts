import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeTime } from "./clock.ts";

const day = 86_400_000;
const built = Date.UTC(2026, 0, 1);
const unpacked = { built, latest: built, now: built };

test("an unpacked device, whose clock stands at its build date, takes the time", () => {
  expect(judgeTime(unpacked, built + 300 * day, [])).toEqual({ take: true, now: built + 300 * day });
});

test("no time before the build date or the last known one is taken", () => {
  expect(judgeTime(unpacked, built - day, [])).toEqual({ take: false, reason: "before-known-time" });
  const known = { built, latest: built + 100 * day, now: built + 100 * day };
  expect(judgeTime(known, built + 50 * day, [])).toEqual({ take: false, reason: "before-known-time" });
});

test("a step across a certificate's end needs a second witness, who agrees", () => {
  const end = built + 90 * day;
  const later = built + 100 * day;
  expect(judgeTime(unpacked, later, [end])).toEqual({ take: false, reason: "crosses-expiry" });
  expect(judgeTime(unpacked, later, [end], built + 10 * day)).toEqual({ take: false, reason: "crosses-expiry" });
  expect(judgeTime(unpacked, later, [end], later - 500)).toEqual({ take: true, now: later });
});

test("ordinary drift is put right, also in the minute in which a certificate ends", () => {
  const end = built + 90 * day;
  const known = { built, latest: end - 1000, now: end - 1000 };
  expect(judgeTime(known, end + 2000, [end])).toEqual({ take: true, now: end + 2000 });
});

test("whatever is offered, the clock never falls behind what is known by more than drift", () => {
  const moment = fc.integer({ min: 0, max: 4_000 }).map((days) => days * day);
  fc.assert(
    fc.property(moment, moment, moment, fc.option(moment, { nil: undefined }), (latest, offered, expiry, witness) => {
      const verdict = judgeTime({ built, latest, now: latest }, offered, [expiry], witness);
      if (verdict.take) expect(verdict.now).toBeGreaterThanOrEqual(Math.max(built, latest - 60_000));
    }),
  );
});
