/** Which keys of cameras are known, over restarts and changes of the configuration. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../tests/support/folder.ts";
import { openKeyPins } from "./key-pins.ts";

const yard = { id: "yard", address: "rtsps://192.0.2.7/yard" };
const gate = { id: "gate", address: "rtsps://192.0.2.8/gate" };
const [first, second] = ["a".repeat(64), "b".repeat(64)];

test("the first key of a camera stays, also over a restart", () => {
  const path = join(temporaryFolder("pins"), "keys");
  openKeyPins(path).keep(yard, first);
  const pins = openKeyPins(path);
  pins.keep(yard, second);
  expect([pins.of(yard), pins.of(gate)]).toEqual([first, undefined]);
});

test("at another address, or once it was out of the configuration, a camera is a new one", () => {
  const path = join(temporaryFolder("pins"), "keys");
  const pins = openKeyPins(path);
  pins.keep(yard, first);
  pins.keep(gate, first);
  expect(pins.of({ ...yard, address: gate.address })).toBeUndefined();
  pins.only([{ ...yard, address: gate.address }, gate]);
  const after = openKeyPins(path);
  after.keep(yard, second);
  expect([after.of(yard), after.of(gate)]).toEqual([second, first]);
});
