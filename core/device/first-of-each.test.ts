import { expect, test } from "vitest";
import { firstOfEach } from "./first-of-each.ts";

test("what each said stays in its order, and nobody is in one turn twice", () => {
  const said = ["a1", "b1", "a2", "c1", "a3", "b2"];
  expect(firstOfEach(said, ([who]) => who)).toEqual([["a1", "b1", "c1"], ["a2", "b2"], ["a3"]]);
  expect(firstOfEach([], String)).toEqual([]);
});
