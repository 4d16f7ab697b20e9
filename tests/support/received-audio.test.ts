import { expect, test } from "vitest";
import { longestGap } from "./received-audio.ts";

const chunk = (n: number, amplitude = 0.3) => ({ at: n * 10_000, length: 10_000, amplitude });
const talk = Array.from({ length: 50 }, (_, n) => chunk(n));

test("a steady tone has no gap", () => {
  expect(longestGap(talk)).toEqual({ gap: 0, listened: 500 });
});

test("the longest gap is the one that is told, whether it is silent, missing, or at the end", () => {
  const silent = talk.map((one, n) => (n > 9 && n < 13 ? { ...one, amplitude: 0.01 } : one));
  expect(longestGap(silent).gap).toBe(30);
  expect(longestGap(silent.filter((_, n) => n < 20 || n > 30)).gap).toBe(110);
  expect(longestGap([...talk.slice(0, 30), ...talk.slice(30).map((one) => ({ ...one, amplitude: 0 }))]).gap).toBe(200);
});

test("where nothing was received the gap has no end", () => {
  expect(longestGap([]).gap).toBe(Number.POSITIVE_INFINITY);
});
