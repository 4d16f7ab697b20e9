import fc from "fast-check";
import { expect, test } from "vitest";
import { isOpen, maintenanceWindow, opensNext } from "./maintenance-window.ts";

const nightly = [{ days: [1, 2, 3, 4, 5, 6, 7], from: 120, length: 180 }];
const vienna = "Europe/Vienna";
const at = (iso: string) => Date.parse(iso);

test.each([
  ["2026-11-27T00:59:59Z", false],
  ["2026-11-27T01:00:00Z", true],
  ["2026-11-27T03:59:59Z", true],
  ["2026-11-27T04:00:00Z", false],
])("02:00 to 05:00 in Vienna, in winter, at %s: %s", (moment, open) => {
  expect(isOpen(nightly, vienna, at(moment))).toBe(open);
});

test("a window over midnight belongs to the day on which it begins", () => {
  const sunday = [{ days: [7], from: 23 * 60, length: 120 }];
  expect(isOpen(sunday, vienna, at("2026-11-29T22:30:00Z"))).toBe(true); // Sunday, 23:30
  expect(isOpen(sunday, vienna, at("2026-11-29T23:30:00Z"))).toBe(true); // Monday, 00:30
  expect(isOpen(sunday, vienna, at("2026-11-28T23:30:00Z"))).toBe(false); // Sunday, 00:30
});

test("where the clock is changed, the window keeps to the wall", () => {
  // 29 March 2026: 02:00 becomes 03:00. 25 October 2026: 03:00 becomes 02:00.
  expect(opensNext(nightly, vienna, at("2026-03-28T12:00:00Z"))).toBe(at("2026-03-29T01:00:00Z"));
  expect(opensNext(nightly, vienna, at("2026-03-29T12:00:00Z"))).toBe(at("2026-03-30T00:00:00Z"));
  expect(opensNext(nightly, vienna, at("2026-10-24T12:00:00Z"))).toBe(at("2026-10-25T00:00:00Z"));
  expect(opensNext(nightly, vienna, at("2026-10-25T12:00:00Z"))).toBe(at("2026-10-26T01:00:00Z"));
});

test("no window at all is open always", () => {
  expect(isOpen([], vienna, 0)).toBe(true);
  expect(opensNext([], vienna, 12_345)).toBe(12_345);
});

test("whatever the windows, the zone and the moment, the next opening comes within a week and is open", () => {
  const window = fc.record({
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    from: fc.integer({ min: 0, max: 1439 }),
    // Shorter ones may fall into the hour that is left out in spring.
    length: fc.integer({ min: 120, max: 1440 }),
  });
  const zone = fc.constantFrom("UTC", vienna, "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe");
  const moment = fc.integer({ min: at("2026-01-01T00:00:00Z"), max: at("2027-12-31T00:00:00Z") });
  fc.assert(
    fc.property(fc.array(window, { minLength: 1, maxLength: 3 }), zone, moment, (windows, timeZone, now) => {
      for (const one of windows) expect(maintenanceWindow.safeParse(one).success).toBe(true);
      const next = opensNext(windows, timeZone, now);
      expect(next).toBeGreaterThanOrEqual(now);
      expect(isOpen(windows, timeZone, next)).toBe(true);
      expect(next - now).toBeLessThan(8 * 24 * 60 * 60_000);
    }),
  );
});
