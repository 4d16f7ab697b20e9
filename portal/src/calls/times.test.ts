import { expect, it } from "vitest";
import { initials, minutes } from "./times.ts";

it("writes minutes and seconds, and never less than nothing", () => {
  expect([0, 6_999, 134_000, 600_000, -50].map(minutes)).toEqual(["0:00", "0:06", "2:14", "10:00", "0:00"]);
});

it("takes a person's first and last initial", () => {
  expect(["Jonas Adler", "Mara", "Anna Maria Ölz", ""].map(initials)).toEqual(["JA", "M", "AÖ", ""]);
});
