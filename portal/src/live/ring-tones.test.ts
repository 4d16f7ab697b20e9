import { expect, it } from "vitest";
import { ringPeriod, ringSounds, ringTones } from "./ring-tones.ts";

it("rings with two soft tones every 2.5 s, louder over the first three, for as long as it rings", () => {
  const tones = ringTones(30);
  expect(tones).toHaveLength(24);
  expect(tones.slice(0, 4).map(({ frequency, at, length }) => [frequency, at, length])).toEqual([
    [660, 0, 0.4],
    [880, 0.4, 0.4],
    [660, 2.5, 0.4],
    [880, 2.9, 0.4],
  ]);
  const levels = tones.filter(({ frequency }) => frequency === 660).map(({ level }) => level);
  expect(levels[0]).toBeLessThan(levels[1] ?? 0);
  expect(levels[1]).toBeLessThan(levels[2] ?? 0);
  expect(new Set(levels.slice(3)).size).toBe(1);
});

it("rings in another pattern for each choice, always over before the next begins", () => {
  const first = ringSounds.map((sound) => ringTones(1, sound));
  expect(new Set(first.map((tones) => tones.map(({ frequency }) => frequency).join())).size).toBe(ringSounds.length);
  for (const tone of first.flat()) expect(tone.at + tone.length).toBeLessThan(ringPeriod);
});
