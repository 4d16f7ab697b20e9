import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pino from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import { newVirtualStations, type VirtualStations, type VirtualStationsOptions } from "./virtual-stations.ts";

/** Stands in for the station: writes down how it was started, what it was told and by which process. */
const program = `
const fs = require("node:fs");
const file = process.argv[1] + "/" + process.argv[process.argv.indexOf("--device") + 1];
const note = (line) => fs.appendFileSync(file, process.pid + " " + line + "\\n");
process.on("SIGTERM", () => { note("ended"); process.exit(0); });
process.stdin.on("data", (data) => note("told " + String(data).trim()));
note(process.argv[2] + " with secrets: " + Object.keys(process.env).filter((name) => /TOKEN|SECRET|KEY/.test(name)).join());
`;

describe("virtual stations", () => {
  const folder = mkdtempSync(join(tmpdir(), "virtual-"));
  const open: VirtualStations[] = [];
  afterEach(() => {
    for (const stations of open.splice(0)) stations.close();
  });

  function virtual(about: Pick<VirtualStationsOptions, "most" | "mostCameras" | "command"> = {}) {
    const certified: DeviceId[] = [];
    const stations = newVirtualStations({
      log: pino({ level: "silent" }),
      host: "127.0.0.1",
      port: 5061,
      mqttPort: 8883,
      certify: async (device) => certified.push(device),
      dataFolder: folder,
      command: [process.execPath, "-e", program, folder],
      ...about,
    });
    open.push(stations);
    return { stations, certified };
  }

  const newDevice = () => deviceId.parse(randomUUID());
  const notes = (device: DeviceId) =>
    existsSync(join(folder, device)) ? readFileSync(join(folder, device), "utf8").trim().split("\n") : [];
  const soon = (check: () => void) => vi.waitFor(check, { timeout: 8_000, interval: 20 });

  it("start with a certificate and without a secret, and press again in the same process", async () => {
    process.env.MEDIA_NODE_TOKEN = "secret";
    const { stations, certified } = virtual();
    const device = newDevice();
    stations.press(device);
    await soon(() => expect(notes(device)).toHaveLength(1));
    expect(notes(device)[0]).toMatch(/^\d+ press with secrets:$/);
    stations.press(device);
    await soon(() => expect(notes(device)[1]).toMatch(/told press$/));
    expect(certified).toEqual([device]);
    expect(stations.running()).toEqual([device]);
    delete process.env.MEDIA_NODE_TOKEN;
  });

  it("come back by themselves when one dies, and then only listen", async () => {
    const { stations } = virtual();
    const device = newDevice();
    stations.press(device);
    await soon(() => expect(notes(device)).toHaveLength(1));
    process.kill(Number(notes(device)[0]?.split(" ")[0]), "SIGKILL");
    await soon(() => expect(notes(device)[1]).toMatch(/^\d+ listen with/));
  });

  it("end with the gateway", async () => {
    const { stations } = virtual();
    const device = newDevice();
    stations.press(device);
    await soon(() => expect(notes(device)).toHaveLength(1));
    stations.close();
    await soon(() => expect(notes(device)[1]).toMatch(/ended$/));
    expect(stations.running()).toEqual([]);
  });

  it("come back with the gateway, in the order of their last press, and then only listen", async () => {
    const { stations } = virtual();
    const [first, second] = [newDevice(), newDevice()];
    for (const device of [first, second, first]) stations.press(device);
    await soon(() => expect(stations.running()).toEqual([second, first]));
    await soon(() => expect([first, second].map((device) => notes(device).at(-1))).not.toContain(undefined));
    stations.close();
    await soon(() =>
      expect([first, second].map((device) => notes(device).at(-1))).toEqual(
        Array(2).fill(expect.stringMatching(/ended$/)),
      ),
    );
    const { stations: next } = virtual();
    next.resume();
    await soon(() => expect(next.running()).toEqual([second, first]));
    await soon(() => expect(notes(first).at(-1)).toMatch(/^\d+ listen with/));
  });

  it("make room: the one that was pressed longest ago ends", async () => {
    const { stations } = virtual({ most: 1 });
    const [first, second] = [newDevice(), newDevice()];
    stations.press(first);
    await soon(() => expect(notes(first)).toHaveLength(1));
    stations.press(second);
    await soon(() => expect(notes(first)[1]).toMatch(/ended$/));
    await soon(() => expect(stations.running()).toEqual([second]));
  });

  it("pull one camera each, and no more than there are places for together: who has none says so until one comes free", async () => {
    const program = fileURLToPath(new URL("../../tests/support/camera-station.ts", import.meta.url));
    const { stations } = virtual({ most: 3, mostCameras: 1, command: [process.execPath, program, folder] });
    const [first, second, third] = [newDevice(), newDevice(), newDevice()];
    const told = (device: DeviceId) => notes(device).at(-1);
    // That an address is not public, the process says that pulls.
    const [pulls, waits] = ["yard not-public, gate too-many", "yard too-many, gate too-many"];
    stations.press(first);
    await soon(() => expect(told(first)).toBe(pulls));
    stations.press(second);
    await soon(() => expect(told(second)).toBe(waits));
    stations.press(third);
    await soon(() => expect(told(third)).toBe(waits));
    // It has nothing configured any more.
    stations.press(first);
    await soon(() => expect(told(second)).toBe(pulls));
    expect(told(third)).toBe(waits);
    // That makes the second one end.
    stations.press(newDevice());
    await soon(() => expect(told(third)).toBe(pulls));
  });

  it("that can't be started are not tried for ever", async () => {
    const file = join(folder, "no-program");
    writeFileSync(file, "");
    const stations = newVirtualStations({
      log: pino({ level: "silent" }),
      host: "127.0.0.1",
      port: 5061,
      mqttPort: 8883,
      certify: () => Promise.reject(new Error("no authority")),
      dataFolder: folder,
      command: [file],
    });
    open.push(stations);
    stations.press(newDevice());
    await soon(() => expect(stations.running()).toEqual([]));
    rmSync(folder, { recursive: true, force: true });
  });
});
