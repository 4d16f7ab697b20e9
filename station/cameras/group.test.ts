import { expect, test } from "vitest";
import { pictureGroup } from "./group.ts";

const unit = (type: number, mark = 0, length = 2) =>
  Buffer.concat([Buffer.from([type, mark]), Buffer.alloc(length - 2)]);
const sps = unit(7);
const pps = unit(8);

test("nothing is shown before the first key frame, which takes the parameter sets along", () => {
  const group = pictureGroup();
  expect(group.add([sps, pps])).toBeUndefined();
  expect(group.add([unit(1)])).toBeUndefined();
  expect(group.add([unit(9), unit(6), unit(5)])).toEqual([sps, pps, unit(5)]);
  expect(group.add([unit(1, 1)])).toEqual([unit(1, 1)]);
  expect(group.pictures).toEqual([[sps, pps, unit(5)], [unit(1, 1)]]);
});

test("a key frame begins a new group, with the newest parameter sets", () => {
  const group = pictureGroup();
  group.add([sps, pps, unit(5, 1)]);
  group.add([unit(1)]);
  group.add([unit(7, 2), unit(8, 2), unit(5, 2)]);
  expect(group.pictures).toEqual([[unit(7, 2), unit(8, 2), unit(5, 2)]]);
});

test("a group that grows too long is not kept; what comes is shown all the same", () => {
  const group = pictureGroup();
  group.add([sps, pps, unit(5, 0, 3_999_000)]);
  expect(group.add([unit(1, 0, 2_000)])).toHaveLength(1);
  expect(group.pictures).toEqual([]);
  expect(group.add([unit(1)])).toEqual([unit(1)]);
  expect(group.pictures).toEqual([]);
});
