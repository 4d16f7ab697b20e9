import { expect, test } from "vitest";
import { dtmfReader } from "./dtmf.ts";

const event = (code: number, timestamp: number, end = false) => ({
  payloadType: 101,
  marker: false,
  sequence: 0,
  timestamp,
  ssrc: 7,
  payload: Buffer.from([code, end ? 0x8a : 0x0a, 0, 160]),
});

test("a press counts once, however many packets tell of it", () => {
  const read = dtmfReader();
  const heard = [event(1, 100), event(1, 100), event(1, 100, true), event(1, 100, true)].map(read);
  expect(heard).toEqual(["1", undefined, undefined, undefined]);
});

test("the same key pressed again counts again, and a lost beginning does not lose the press", () => {
  const read = dtmfReader();
  expect([event(11, 100), event(11, 900, true), event(11, 100, true)].map(read)).toEqual(["#", "#", undefined]);
});

test("events that are no keys are passed over", () => {
  expect(dtmfReader()(event(16, 1))).toBeUndefined();
});
