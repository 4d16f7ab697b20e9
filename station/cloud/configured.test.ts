import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { DeviceConfiguration } from "#core/device/configuration.ts";
import { factorySettings, openConfigured } from "./configured.ts";

const path = () => join(mkdtempSync(join(tmpdir(), "configured-")), "configuration.json");
const gate: DeviceConfiguration = {
  ...factorySettings,
  name: "Courtyard gate",
  timeZone: "Europe/Vienna",
  doorOpeners: [{ output: 1, name: "Gate", pulse: 3000, confirm: "hold" }],
};

test("a station comes unpacked, runs with what the cloud says, and still does after a restart", () => {
  const file = path();
  const ran = vi.fn();
  const station = openConfigured(file, ran);
  expect(ran).toHaveBeenLastCalledWith(factorySettings);
  expect(station.apply({ version: 3, configuration: gate })).toBe(true);
  expect(ran).toHaveBeenLastCalledWith(gate);
  expect(openConfigured(file, ran).report()).toEqual({ version: 3, configuration: gate });
});

test("what is older, or the same again, changes nothing", () => {
  const station = openConfigured(path(), () => {});
  station.apply({ version: 3, configuration: gate });
  expect(station.apply({ version: 2, configuration: factorySettings })).toBe(false);
  expect(station.apply({ version: 3, configuration: factorySettings })).toBe(false);
  expect(station.now).toEqual(gate);
});

test("a change on the station that the cloud has not seen stays; one it has seen gives way to what the cloud decides", () => {
  const station = openConfigured(path(), () => {});
  station.apply({ version: 1, configuration: gate });
  station.change({ name: "Gate (installer)" });
  station.apply({ version: 2, configuration: { ...gate, timeZone: "Europe/Berlin" } });
  expect(station.now).toEqual({ ...gate, name: "Gate (installer)", timeZone: "Europe/Berlin" });
  expect(station.report().configuration.name).toBe("Gate (installer)");
  station.apply({ version: 3, configuration: gate });
  expect(station.now).toEqual(gate);
});

test("a station that was given up keeps nothing of its former owner", () => {
  const file = path();
  const station = openConfigured(file, () => {});
  station.apply({ version: 9, configuration: gate });
  station.change({ name: "Secret name" });
  station.wipe();
  expect(openConfigured(file, () => {}).report()).toEqual({
    version: 0,
    configuration: { ...factorySettings, timeZone: "Europe/Vienna" },
  });
});

test("a file that is damaged counts as none", () => {
  const file = path();
  writeFileSync(file, '{"version": 3, "app');
  expect(openConfigured(file, () => {}).version).toBe(0);
});
