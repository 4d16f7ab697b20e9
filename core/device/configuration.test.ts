import { expect, test } from "vitest";
import { camera, type DeviceConfiguration, deviceConfiguration } from "./configuration.ts";
import { changedOnDevice, same, toSend } from "./difference.ts";
import { type Model, modelNamed } from "./models.ts";
import { faultsOf } from "./suits-model.ts";

const gate: DeviceConfiguration = deviceConfiguration.parse({
  name: "Courtyard gate",
  timeZone: "Europe/Vienna",
  buttons: [{ key: "reception", label: "Reception" }],
  doorOpeners: [{ output: 1, name: "Gate", pulse: 3000, confirm: "hold" }],
  outputRules: [{ when: "ringing", output: 2, name: "Light", delay: 0, duration: 120_000, enabled: true }],
  cameras: [],
});

function model(name: string): Model {
  const found = modelNamed(name);
  if (!found) throw new Error(`no model ${name}`);
  return found;
}

test("a configuration that fits its model has no fault", () => {
  expect(faultsOf(gate, model("OD10 TD CM"))).toEqual([]);
});

test("a rule can't switch an output that opens a door", () => {
  const rules = gate.outputRules.map((rule) => ({ ...rule, output: 1 }));
  expect(faultsOf({ ...gate, outputRules: rules }, model("OD10 TD CM"))).toEqual([
    { fault: "output-opens-a-door", output: 1 },
  ]);
});

test("an output and a button that are not there are both named", () => {
  const wrong = {
    ...gate,
    buttons: [...gate.buttons, { key: "bell", label: "Bell" }],
    doorOpeners: [{ output: 5, name: "Gate", pulse: 3000, confirm: "hold" as const }],
  };
  expect(faultsOf(wrong, model("OD1 CM"))).toEqual([
    { fault: "no-such-output", output: 5, fitted: 2 },
    { fault: "too-many-buttons", fitted: 1 },
  ]);
});

test("a configuration of no time zone is refused", () => {
  expect(deviceConfiguration.safeParse({ ...gate, timeZone: "Europe/Atlantis" }).success).toBe(false);
});

test("a camera's address carries no password and no other protocol", () => {
  const yard = { id: "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0009", name: "Yard", shown: "beside" };
  const taken = (address: string) => camera.safeParse({ ...yard, address }).success;
  expect(taken("rtsps://10.20.4.7:322/stream1")).toBe(true);
  expect(taken("rtsp://admin:secret@10.20.4.7/stream1")).toBe(false);
  expect(taken("rtsp://admin@10.20.4.7/stream1")).toBe(false);
  expect(taken("http://10.20.4.7/stream1")).toBe(false);
});

test("what was changed on the device is a difference, and is not overwritten before someone decided", () => {
  const onDevice = { ...gate, name: "Gate (new)" };
  expect(changedOnDevice(gate, onDevice)).toEqual(["name"]);
  const desired = { ...gate, timeZone: "Europe/Berlin" };
  const sent = toSend(desired, onDevice, changedOnDevice(gate, onDevice));
  expect(sent).toEqual({ ...gate, name: "Gate (new)", timeZone: "Europe/Berlin" });
  expect(toSend(desired, onDevice, [])).toEqual(desired);
});

test("a device that reports the same in another order has changed nothing", () => {
  const [rule] = gate.outputRules;
  if (!rule) throw new Error("no rule");
  const turned = Object.fromEntries(Object.entries(rule).reverse());
  expect(same(rule, turned)).toBe(true);
  expect(changedOnDevice(gate, { cameras: [] })).toEqual([]);
});
