/** What is set in the portal reaches a station over MQTT, runs there without the cloud, and comes back as what it is. */
import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { claimProgress } from "#core/messages/claiming.ts";
import { commandAsked, commandList, type DeviceDetail, deviceDetail } from "#core/messages/device-api.ts";
import { deviceLogContents, deviceLogList } from "#core/messages/device-logs.ts";
import { rolloutDetail } from "#core/messages/firmware-api.ts";
import { newImage } from "../../station/firmware/image.ts";
import { startListener } from "../support/listener.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { type PortalApi, portalApi } from "../support/portal-api.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";

const entrance = "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0001";
const light = { when: "ringing", output: 2, name: "Light", delay: 0, duration: 60_000, enabled: true } as const;

const siren = { when: "offline", output: 2, name: "Siren", delay: 0, enabled: true } as const;

let platform: Platform;
let mara: PortalApi;
let station: ReferenceStation;
let justClaimed: { station: ReferenceStation; deviceId: string } | undefined;

beforeAll(async () => {
  platform = await startPlatform();
  mara = await portalApi(platform.origin, platform.accounts.mara);
  station = startReferenceStation(["listen", "--device", entrance], stationSettings(platform));
  await applied(await look());
});
afterAll(async () => {
  await Promise.all([station?.stop(), justClaimed?.station.stop()]);
  await platform?.stop();
});

const look = async (deviceId: string = entrance) =>
  deviceDetail.parse(await (await mara.get(`/api/devices/${deviceId}`)).json());
const until = (fits: (device: DeviceDetail) => boolean, { of = entrance, within = 15_000 } = {}) =>
  vi.waitFor(
    async () => {
      const device = await look(of);
      expect(fits(device), JSON.stringify(device)).toBe(true);
      return device;
    },
    { timeout: within, interval: 100 },
  );
/** Waits until the device has said that it runs with this version. */
const applied = ({ version }: { version: number }) =>
  until((device) => device.settings === "applied" && device.version >= version && device.online);

async function change(parts: object): Promise<DeviceDetail> {
  const { version } = await look();
  const response = await mara.patch(`/api/devices/${entrance}`, { version, ...parts });
  expect(response.status).toBe(200);
  return deviceDetail.parse(await response.json());
}

test("a running station has asked our time server, and is right by less than a second", async () => {
  expect(Math.abs((await station.told("time")).off)).toBeLessThan(1_000);
});

test("a rule that is set in the portal runs on the station within a moment", async () => {
  const changed = await change({ name: "Front entrance", outputRules: [light] });
  await station.told("configured", ({ version }) => version >= changed.version);
  expect(await applied(changed)).toMatchObject({ name: "Front entrance", differences: [] });
  station.type("press");
  expect(await station.told("output")).toMatchObject({ output: 2, on: true });
  await until(({ states }) => states.includes("ringing"));
  station.type("hang-up");
  await until(({ states }) => !states.includes("ringing"));
});

test("who opens the housing of a station is answered by its outputs and seen in the portal, until it is shut", async () => {
  const buzzer = { when: "tamper", output: 2, name: "Buzzer", delay: 0, enabled: true } as const;
  const { version } = await change({ outputRules: [buzzer] });
  await station.told("configured", (configured) => configured.version >= version);
  const before = station.events.length;
  station.type("tamper");
  expect(await station.told("output", undefined, before)).toMatchObject({ output: 2, on: true });
  await until(({ states }) => states.includes("tamper"));
  const opened = station.events.length;
  station.type("tamper-end");
  expect(await station.told("output", undefined, opened)).toMatchObject({ output: 2, on: false });
  await until(({ states }) => !states.includes("tamper"));
});

test("a station that was away is told what it missed, and a broker that was killed has all of them back; meanwhile its outputs know that it is offline", async () => {
  await applied(await change({ outputRules: [siren] }));
  const before = station.events.length;
  platform.kill("mqtt");
  await station.told("output", ({ on }) => on, before);
  const changed = await change({ outputRules: [siren, { ...light, name: "Path light" }] });
  await station.told("output", ({ on }) => !on, before);
  await station.told("configured", ({ version }) => version >= changed.version, before);
  expect((await applied(changed)).differences).toEqual([]);
}, 40_000);

test("a station is asked to say where it is, and says that it did", async () => {
  await applied(await look());
  const asked = await mara.post(`/api/devices/${entrance}/commands`, { do: "identify" });
  const { commandId, state } = commandAsked.parse(await asked.json());
  expect(state).toBe("sent");
  await station.told("identify");
  await vi.waitFor(async () => {
    const { commands } = commandList.parse(await (await mara.get(`/api/devices/${entrance}/commands`)).json());
    expect(commands).toContainEqual(expect.objectContaining({ commandId, state: "done", by: "Mara Lenz" }));
  });
});

/** The demo's stations, and what is unpacked here, are of this model and these revisions. */
const model = "WS 301V CM";
const entranceRevision = "AC";
const newRevision = "AD";

/** Signs and publishes an image for such hardware. */
async function publish(release: number, image: Uint8Array, revision = entranceRevision, floor = 0): Promise<void> {
  const path = join(platform.dataDir, `release-${release}-${revision}.img`);
  writeFileSync(path, image);
  const of = ["--image", path, "--model", model, "--revision", revision];
  const what = [...of, "--release", String(release), "--security-floor", String(floor)];
  const { ports, dataDir } = platform;
  await promisify(execFile)(process.execPath, ["firmware-cdn/main.ts", "publish", ...what], {
    env: { ...process.env, DATA_DIR: dataDir, MINIFLARE_PORT: String(ports.MINIFLARE_PORT) },
  });
}

const update = async (deviceId: string = entrance) => {
  const asked = await mara.post(`/api/devices/${deviceId}/commands`, { do: "update-firmware", restart: "at-once" });
  expect(commandAsked.parse(await asked.json()).state).toBe("sent");
};

/** At any time of the day, and whatever the policy. */
async function rollOut(release: number): Promise<string> {
  await mara.patch("/api/firmware", { policy: "manual", windows: [], approval: false });
  const begun = await mara.post("/api/rollouts", { model, revision: entranceRevision, release, approval: false });
  return rolloutDetail.parse(await begun.json()).rolloutId;
}

test("a release is fetched when nobody is in a call, started, and shown as what runs", async () => {
  await applied(await look());
  await publish(2, Buffer.concat([newImage("3.15.0"), randomBytes(9_000_000)]));
  const before = station.events.length;
  station.type("press");
  await station.told("ringing", undefined, before);
  await update();
  await station.told("updating", ({ phase, percent }) => phase === "loading" && percent === 0, before);
  station.type("hang-up");
  await station.told("ended", undefined, before);
  const ended = station.events.length;
  expect(station.events.slice(before, ended).filter((one) => one.event === "updating" && one.percent > 0)).toEqual([]);
  expect(await station.told("started", undefined, ended)).toMatchObject({ firmware: "3.15.0", mode: "trial" });
  const device = await until(({ update, release }) => update?.phase === "healthy" && release === 2);
  expect(device).toMatchObject({ firmware: "3.15.0", needs: [], online: true });
}, 40_000);

test("a station that was just claimed fetches what is newer by itself, and its first call rings before that runs", async () => {
  await publish(2, Buffer.concat([newImage("3.15.0"), randomBytes(9_000_000)]), newRevision);
  const backDoor = startReferenceStation(["new", "--device", `T-${process.pid}`], stationSettings(platform));
  justClaimed = { station: backDoor, deviceId: "" };
  const { code } = await backDoor.told("unclaimed");
  const claimed = await mara.post("/api/claims", { code, name: "Back door" });
  const { deviceId } = claimProgress.parse(await claimed.json());
  justClaimed.deviceId = deviceId;
  backDoor.type("press");
  await backDoor.told("configured", ({ version }) => version > 0);
  await backDoor.told("registered");
  const listener = await startListener(platform.origin, mara.cookie);
  const ring = listener.next("ring");
  backDoor.type("press");
  expect(await ring).toMatchObject({ door: "Back door" });
  await backDoor.told("updating", ({ release, phase }) => release === 2 && phase === "loading");
  await until(({ update }) => update?.release === 2 && update.phase === "loading", { of: deviceId });
  const starts = backDoor.events.flatMap((event) => (event.event === "started" ? [event.firmware] : []));
  expect(starts).toEqual(["reference 1.0"]);
  backDoor.type("hang-up");
  listener.close();
  expect(await backDoor.told("started", ({ release }) => release === 2)).toMatchObject({ firmware: "3.15.0" });
  await until(({ update }) => update?.phase === "healthy", { of: deviceId });
}, 60_000);

test("a release that is rolled out and does not run is given up for the one before, which rings again", async () => {
  await publish(3, randomBytes(10_000));
  const before = station.events.length;
  const rolloutId = await rollOut(3);
  await station.told("started", ({ mode }) => mode === "fallen-back", before);
  const device = await until(({ update, release }) => update?.phase === "fell-back" && release === 2);
  expect(device).toMatchObject({ firmware: "3.15.0", needs: ["update-failed"] });
  const rollout = rolloutDetail.parse(await (await mara.get(`/api/rollouts/${rolloutId}`)).json());
  expect(rollout.devices).toMatchObject([{ deviceId: entrance, state: "failed", failure: "fell-back" }]);
  const rung = station.events.length;
  station.type("press");
  await station.told("ringing", undefined, rung);
  station.type("hang-up");
}, 40_000);

test("a station sends its log when it is asked, and says by itself what goes wrong", async () => {
  const name = `Yard ${randomBytes(4).toString("hex")}`;
  const said = { level: "warn", text: `The camera "${name}" doesn't answer.` };
  const credentials = { user: "station", password: "hunter2-of-the-camera" };
  const yard = { id: randomUUID(), name, address: "rtsp://127.0.0.1:9/none", shown: "beside", credentials };
  await change({ cameras: [yard] });
  await station.told("camera", (camera) => camera.name === name && !camera.answers);

  const path = `/api/devices/${entrance}/logs`;
  const asked = commandAsked.parse(await (await mara.post(path, {})).json());
  expect(asked.state).toBe("sent");
  const list = async () => deviceLogList.parse(await (await mara.get(path)).json());
  const linesOf = async (logId = "") =>
    deviceLogContents.parse(await (await mara.get(`${path}/${logId}`)).json()).lines;
  await vi.waitFor(async () => expect((await list()).request?.state).toBe("arrived"), { timeout: 10_000 });
  const whole = await linesOf(asked.commandId);
  expect(whole).toContainEqual(expect.objectContaining(said));
  expect(whole.map(({ text }) => text)).toContain("Registered. The door is online.");

  const streamed = await vi.waitFor(
    async () => {
      const lines = await linesOf((await list()).logs.find((log) => log.streamed)?.logId);
      expect(lines).toContainEqual(expect.objectContaining(said));
      return lines;
    },
    { timeout: 15_000, interval: 250 },
  );
  expect(streamed.map(({ level }) => level)).not.toContain("info");
  expect(JSON.stringify([whole, streamed])).not.toContain(credentials.password);
}, 40_000);

test("a revoked station is off the broker within the minute, and comes back by itself once it is allowed again", async () => {
  expect((await mara.post(`/api/devices/${entrance}/revoke`, {})).status).toBeLessThan(300);
  await until(({ online }) => !online, { within: 60_000 });
  expect(await look()).toMatchObject({ blocked: true, needs: expect.arrayContaining(["revoked"]) });
  const asked = await mara.post(`/api/devices/${entrance}/commands`, { do: "identify" });
  expect(commandAsked.parse(await asked.json()).state).toBe("offline");
  const before = station.events.length;
  expect((await mara.post(`/api/devices/${entrance}/allow`, {})).status).toBe(204);
  await station.told("enrolled", undefined, before, 30_000);
  await station.told("registered", undefined, before, 30_000);
  await until(({ online, needs, blocked }) => online && !blocked && !needs.includes("revoked"));
}, 110_000);

test("a station whose firmware fell below the security floor takes no calls, says so, and waits for a release", async () => {
  if (!justClaimed) throw new Error("no station was claimed");
  const { station: backDoor, deviceId } = justClaimed;
  // It does not run, and the one before must not run any more.
  await publish(3, randomBytes(10_000), newRevision, 3);
  await update(deviceId);
  expect(await backDoor.told("started", ({ mode }) => mode === "below-floor")).toMatchObject({ release: 2 });
  await until(({ needs, online }) => needs.includes("below-security-floor") && online, { of: deviceId });
  const before = backDoor.events.length;
  backDoor.type("press");
  await backDoor.told("failed", ({ reason }) => reason === "No calls until the firmware is updated.", before);
  await publish(4, newImage("3.16.0"), newRevision, 3);
  await update(deviceId);
  const started = backDoor.told("started", ({ firmware }) => firmware === "3.16.0", before);
  expect(await started).toMatchObject({ release: 4, mode: "trial" });
  await backDoor.told("registered", undefined, before);
  await until(({ needs, release }) => needs.length === 0 && release === 4, { of: deviceId });
}, 60_000);
