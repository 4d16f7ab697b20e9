import { expect, test } from "vitest";
import { cronFires } from "./cron.ts";

/** Wednesday, 25 November 2026, in UTC. */
const at = (hour: number, minute: number) => Date.UTC(2026, 10, 25, hour, minute, 30);

test.each([
  ["* * * * *", at(3, 7), true],
  ["*/5 * * * *", at(3, 10), true],
  ["*/5 * * * *", at(3, 11), false],
  ["10/20 * * * *", at(3, 50), true],
  ["0 3 * * *", at(3, 0), true],
  ["0 3 * * *", at(4, 0), false],
  ["0 9-17 * NOV WED", at(17, 0), true],
  ["0 9-17 * * 1,7", at(12, 0), false],
  ["0 0 25 11 4", at(0, 0), true],
])("%s at %d fires: %s", (expression, moment, fires) => {
  expect(cronFires(expression, moment)).toBe(fires);
});

test.each(["* * * *", "60 * * * *", "x * * * *", "*/0 * * * *"])("%s is refused", (expression) => {
  expect(() => cronFires(expression, at(0, 0))).toThrow();
});
