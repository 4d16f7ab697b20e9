import { expect, it } from "vitest";
import { meterLevel } from "./listen.ts";

it("shows silence and a quiet room as nothing, speech as something, and close speech in full", () => {
  expect(meterLevel(0)).toBe(0);
  expect(meterLevel(0.004)).toBe(0);
  expect(meterLevel(0.05)).toBeGreaterThan(0.5);
  expect(meterLevel(0.4)).toBe(1);
});
