import { expect, it } from "vitest";
import { countTurnedAway } from "./turned-away.ts";

it("says at the second connection in a row that was ended that it is turned away, then less often, and after one that holds anew", () => {
  const said: number[] = [];
  let times = 0;
  const turnedAway = countTurnedAway(() => said.push(times));
  while (times < 260) {
    times++;
    turnedAway.again();
  }
  expect(said).toEqual([2, 4, 8, 16, 32, 64, 128, 192, 256]);
  turnedAway.letIn();
  turnedAway.again();
  expect(said).toHaveLength(9);
  turnedAway.again();
  expect(said).toHaveLength(10);
});
