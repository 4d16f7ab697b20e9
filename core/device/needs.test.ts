import { expect, test } from "vitest";
import { type DeviceFacts, needsOf } from "./needs.ts";

const day = 86_400_000;
const now = 1_800_000_000_000;
const well: DeviceFacts = {
  online: true,
  virtual: false,
  certificateUntil: now + 60 * day,
  revoked: false,
  changedOnDevice: false,
  buttons: 1,
  belowFloor: false,
  answerers: 2,
};

test("a device that is well needs nobody", () => {
  expect(needsOf(well, now)).toEqual([]);
});

test("a button that rings nobody is said", () => {
  expect(needsOf({ ...well, answerers: 0 }, now)).toEqual(["button-rings-nobody"]);
  expect(needsOf({ ...well, answerers: 0, buttons: 0 }, now)).toEqual([]);
});

test("a certificate that should have renewed itself is said, one that has just been issued is not", () => {
  expect(needsOf({ ...well, certificateUntil: now + 13 * day }, now)).toEqual(["certificate-ends"]);
});

test("firmware that must not run, and an update that failed, are said", () => {
  expect(needsOf({ ...well, belowFloor: true }, now)).toEqual(["below-security-floor"]);
  expect(needsOf({ ...well, failedUpdate: { release: 3, runs: 2, newest: 3 } }, now)).toEqual(["update-failed"]);
});

test("an update that failed is said no more once that release runs, or another took its place", () => {
  expect(needsOf({ ...well, failedUpdate: { release: 3, runs: 3 } }, now)).toEqual([]);
  expect(needsOf({ ...well, failedUpdate: { release: 3, runs: 4, newest: 3 } }, now)).toEqual([]);
  expect(needsOf({ ...well, failedUpdate: { release: 3, runs: 2, newest: 4 } }, now)).toEqual([]);
});

test("a revoked device is not called offline as well, and the virtual station needs nothing at all", () => {
  expect(needsOf({ ...well, online: false, revoked: true }, now)).toEqual(["revoked"]);
  expect(needsOf({ ...well, online: false }, now)).toEqual(["offline"]);
  expect(needsOf({ ...well, online: false, virtual: true, answerers: 0 }, now)).toEqual([]);
});
