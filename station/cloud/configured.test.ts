import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { CredentialsByCamera, DeviceConfiguration } from "#core/device/configuration.ts";
import { factorySettings, openConfigured } from "./configured.ts";

const path = () => join(mkdtempSync(join(tmpdir(), "configured-")), "configuration.json");
const gate: DeviceConfiguration = {
  ...factorySettings,
  name: "Courtyard gate",
  timeZone: "Europe/Vienna",
  doorOpeners: [{ output: 1, name: "Gate", pulse: 3000, confirm: "hold" }],
};

const yard = {
  id: "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0009",
  name: "Yard",
  address: "rtsp://10.20.4.7/1",
  shown: "instead",
} as const;
const credentials = { [yard.id]: { user: "station", password: "correct horse" } };
const told = (version: number, configuration = gate, cameraCredentials: CredentialsByCamera = {}) => ({
  version,
  configuration,
  cameraCredentials,
});

test("a station comes unpacked, runs with what the cloud says, and still does after a restart", () => {
  const file = path();
  const ran = vi.fn();
  const station = openConfigured(file, ran);
  expect(ran).toHaveBeenLastCalledWith(factorySettings, {});
  expect(station.apply(told(3))).toBe(true);
  expect(ran).toHaveBeenLastCalledWith(gate, {});
  expect(openConfigured(file, ran).report()).toEqual({ version: 3, configuration: gate });
});

test("what is older, or the same again, changes nothing", () => {
  const station = openConfigured(path(), () => {});
  station.apply(told(3));
  expect(station.apply(told(2, factorySettings))).toBe(false);
  expect(station.apply(told(3, factorySettings))).toBe(false);
  expect(station.now).toEqual(gate);
});

test("a change on the station that the cloud has not seen stays; one it has seen gives way to what the cloud decides", () => {
  const station = openConfigured(path(), () => {});
  station.apply(told(1));
  station.change({ name: "Gate (installer)" });
  station.apply(told(2, { ...gate, timeZone: "Europe/Berlin" }));
  expect(station.now).toEqual({ ...gate, name: "Gate (installer)", timeZone: "Europe/Berlin" });
  expect(station.report().configuration.name).toBe("Gate (installer)");
  station.apply(told(3));
  expect(station.now).toEqual(gate);
});

test("a camera's credentials are there after a restart, in a file of the station's own, and in no report", () => {
  const file = path();
  const station = openConfigured(file, () => {});
  station.apply(told(4, { ...gate, cameras: [yard] }, credentials));
  expect(JSON.stringify(station.report())).not.toContain("correct horse");
  expect(statSync(file).mode & 0o077).toBe(0);
  const ran = vi.fn();
  openConfigured(file, ran);
  expect(ran).toHaveBeenLastCalledWith({ ...gate, cameras: [yard] }, credentials);
});

test("a station that was given up keeps nothing of its former owner", () => {
  const file = path();
  const station = openConfigured(file, () => {});
  station.apply(told(9, { ...gate, cameras: [yard] }, credentials));
  station.change({ name: "Secret name" });
  station.wipe();
  expect(openConfigured(file, () => {}).report()).toEqual({
    version: 0,
    configuration: { ...factorySettings, timeZone: "Europe/Vienna" },
  });
  expect(readFileSync(file, "utf8")).not.toContain("correct horse");
});

test("a file that is damaged counts as none", () => {
  const file = path();
  writeFileSync(file, '{"version": 3, "app');
  expect(openConfigured(file, () => {}).version).toBe(0);
});
