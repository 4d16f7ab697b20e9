/** Which keys of cameras are known, over restarts and changes of the configuration. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../tests/support/folder.ts";
import { openKeyPins } from "./key-pins.ts";

const yard = { id: "yard", address: "rtsps://192.0.2.7/yard" };
const gate = { id: "gate", address: "rtsps://192.0.2.8/gate" };
const [first, second] = ["a".repeat(64), "b".repeat(64)];

const damaged = () => {
  throw new Error("damaged");
};
const open = (path: string) => openKeyPins(path, damaged);

test("the first key of a camera stays, also over a restart", () => {
  const path = join(temporaryFolder("pins"), "keys");
  open(path).keep(yard, first);
  const pins = open(path);
  pins.keep(yard, second);
  expect([pins.of(yard), pins.of(gate)]).toEqual([first, undefined]);
});

test("at another address, or once it was out of the configuration, a camera is a new one", () => {
  const path = join(temporaryFolder("pins"), "keys");
  const pins = open(path);
  pins.keep(yard, first);
  pins.keep(gate, first);
  expect(pins.of({ ...yard, address: gate.address })).toBeUndefined();
  pins.only([{ ...yard, address: gate.address }, gate]);
  const after = open(path);
  after.keep(yard, second);
  expect([after.of(yard), after.of(gate)]).toEqual([second, first]);
});

test.each(["", "{", '{"yard":{"address":"rtsps://192.0.2.7/yard","key":"short"}}'])(
  "once they are lost (%s), no key is taken until the camera is put in anew, also over a restart",
  (left) => {
    const path = join(temporaryFolder("pins"), "keys");
    writeFileSync(path, left);
    let told = 0;
    const pins = openKeyPins(path, () => told++);
    expect(told).toBe(1);
    for (const look of [() => undefined, () => pins.only([yard])]) {
      look();
      pins.keep(yard, first);
      expect([first, undefined]).not.toContain(pins.of(yard));
    }
    const after = open(path);
    after.keep(yard, first);
    expect([first, undefined]).not.toContain(after.of(yard));
    const anew = { ...yard, id: "yard again" };
    after.only([anew]);
    after.keep(anew, first);
    expect(after.of(anew)).toBe(first);
  },
);
