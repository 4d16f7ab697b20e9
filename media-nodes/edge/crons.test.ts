import { expect, test } from "vitest";
import type { Clock } from "../sip-gateway/sip/clock.ts";
import { fireCrons } from "./crons.ts";

const minute = 60_000;

/** A clock that goes straight to the next timer; `early` is how much too soon its timers go off. */
function leapingClock(start: number, early = 0) {
  let now = start;
  let next: { at: number; work: () => void } | undefined;
  const clock: Clock = {
    now: () => now,
    after(milliseconds, work) {
      next = { at: now + milliseconds - early, work };
      return () => {
        next = undefined;
      };
    },
  };
  const leap = (asleep = 0) => {
    const due = next;
    next = undefined;
    now = Math.max(now, (due?.at ?? now) + asleep);
    due?.work();
  };
  return { clock, leap, isSet: () => next !== undefined };
}

function fired(crons: string[], leaps: number[], early = 0): string[] {
  const said: string[] = [];
  const { clock, leap } = leapingClock(30_000, early);
  fireCrons(crons, clock, (cron, at) => said.push(`${cron} at ${at / minute}`));
  for (const asleep of leaps) leap(asleep);
  return said;
}

test("each minute is looked at once, by every expression", () => {
  expect(fired(["* * * * *", "*/2 * * * *"], [0, 0, 0])).toEqual([
    "* * * * * at 1",
    "* * * * * at 2",
    "*/2 * * * * at 2",
    "* * * * * at 3",
  ]);
});

test("timers that go off early fire no minute twice", () => {
  expect(fired(["* * * * *"], [0, 0, 0], 2)).toEqual(["* * * * * at 1", "* * * * * at 2", "* * * * * at 3"]);
});

test("minutes that were slept through are not made up for", () => {
  expect(fired(["* * * * *"], [10 * minute, 0])).toEqual(["* * * * * at 1", "* * * * * at 12"]);
});

test("called off, no timer is left", () => {
  const { clock, isSet } = leapingClock(0);
  const stop = fireCrons(["* * * * *"], clock, () => undefined);
  expect(isSet()).toBe(true);
  stop();
  expect(isSet()).toBe(false);
});
