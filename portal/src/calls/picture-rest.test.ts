import { expect, it } from "vitest";
import { moving, nextRest, type PictureRest } from "./picture-rest.ts";
import type { QualityWord } from "./quality.ts";

/** One look a second. @returns the seconds at which pictures stood still or moved again */
function changes(words: QualityWord[]): [second: number, resting: boolean][] {
  let rest: PictureRest = moving;
  return words.flatMap((word, second): [number, boolean][] => {
    const before = rest.resting;
    rest = nextRest(rest, word, second * 1_000);
    return rest.resting === before ? [] : [[second, rest.resting]];
  });
}
const times = (count: number, word: QualityWord): QualityWord[] => Array.from({ length: count }, () => word);

it("lets pictures move through a short disturbance", () => {
  expect(changes([...times(5, "good"), ...times(3, "poor"), "fair", ...times(3, "poor"), ...times(5, "good")])).toEqual(
    [],
  );
});

it("stops them after three poor seconds, and lets them move again after eight that were not poor", () => {
  expect(changes([...times(4, "poor"), ...times(10, "fair")])).toEqual([
    [3, true],
    [12, false],
  ]);
});

it("begins to wait anew when it turns poor in the rest", () => {
  expect(changes([...times(4, "poor"), ...times(5, "good"), "poor", ...times(9, "good")])).toEqual([
    [3, true],
    [18, false],
  ]);
});

it("rests twice as long when moving pictures made it poor again, so that it does not go on and off", () => {
  const again = [...times(4, "poor"), ...times(9, "good")];
  expect(changes([...again, ...times(4, "poor"), ...times(17, "good")])).toEqual([
    [3, true],
    [12, false],
    [16, true],
    [33, false],
  ]);
});
