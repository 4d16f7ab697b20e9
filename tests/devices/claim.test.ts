/** From the box to the first call: a new station, its code, somebody's finger, and a browser's socket that rings. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { z } from "zod";
import { claimProgress, released } from "#core/messages/claiming.ts";
import { deviceDetail } from "#core/messages/device-api.ts";
import { problem } from "#core/messages/portal-api.ts";
import { asOwner } from "../support/database.ts";
import { startListener } from "../support/listener.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { type PortalApi, portalApi } from "../support/portal-api.ts";
import { takePorts } from "../support/ports.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";
import { signUpNora } from "../support/second-house.ts";

let platform: Platform;
let mara: PortalApi;
const stations: ReferenceStation[] = [];

beforeAll(async () => {
  platform = await startPlatform();
  mara = await portalApi(platform.origin, platform.accounts.mara);
});
afterEach(async () => {
  await Promise.all(stations.splice(0).map((station) => station.stop()));
});
afterAll(() => platform?.stop());

let drawn = 0;
const codes: string[] = [];
/** A station fresh from the factory, online and waiting, with the code on its label. */
async function unpacked(serial = `T-${process.pid}-${drawn++}`) {
  const station = start("new", serial);
  const { code } = await station.told("unclaimed");
  codes.push(code);
  return { station, serial, code };
}

function start(mode: "new" | "listen" | "reset", serial: string, ...more: string[]): ReferenceStation {
  const station = startReferenceStation([mode, "--device", serial, ...more], stationSettings(platform));
  stations.push(station);
  return station;
}

type Progress = z.infer<typeof claimProgress>;
const claim = async (code: string, name = "Back door") =>
  claimProgress.parse(await (await mara.post("/api/claims", { code, name })).json());

const reached = (claimId: string, state: Progress["state"], timeout = 30_000) =>
  vi.waitFor(
    async () => {
      const progress = claimProgress.parse(await (await mara.get(`/api/claims/${claimId}`)).json());
      expect(progress.state).toBe(state);
      return progress;
    },
    { timeout, interval: 100 },
  );

/** A station of ours at work. */
async function claimed() {
  const { station, serial, code } = await unpacked();
  station.type("press");
  await station.told("present");
  const { claimId, deviceId } = await claim(code);
  await reached(claimId, "ready");
  return { station, serial, code, deviceId };
}

async function release(deviceId: string): Promise<string> {
  return released.parse(await (await mara.post(`/api/devices/${deviceId}/release`, {})).json()).code;
}

const look = async (deviceId: string) => deviceDetail.parse(await (await mara.get(`/api/devices/${deviceId}`)).json());

/** What lies on a station's disk beside what its factory put there. */
const ownFiles = (serial: string) =>
  readdirSync(join(platform.dataDir, "pki", "devices"))
    .filter((file) => file.startsWith(`${serial}.`))
    .sort();
const configurationOf = (serial: string) => join(platform.dataDir, "pki", "devices", `${serial}.configuration.json`);

async function refusal(response: Promise<Response>) {
  const { status, code } = problem.parse(await (await response).json());
  return { status, code };
}

test("a new station is claimed within a minute, shows its steps, and its first call rings", async () => {
  const began = Date.now();
  const { station, serial, code } = await unpacked();
  const waiting = await claim(code);
  expect(waiting).toMatchObject({ state: "waiting", serial, model: "WS 301V CM", name: "Back door" });
  station.type("press");
  const { steps, deviceId } = await reached(waiting.claimId, "ready");
  expect(steps.map(({ step }) => step)).toEqual([
    "accepted",
    "present",
    "enrolled",
    "configured",
    "registered",
    "ready",
  ]);
  expect(await station.told("enrolled")).toMatchObject({ deviceId });

  const listener = await startListener(platform.origin, mara.cookie);
  const ring = listener.next("ring");
  station.type("press");
  expect(await ring).toMatchObject({ door: "Back door", button: "Bell" });
  expect(Date.now() - began).toBeLessThan(60_000);
  listener.close();
});

test("a photographed code opens nothing while nobody is at the device", async () => {
  const { station, code } = await unpacked();
  const { claimId } = await claim(code);
  await station.told("unclaimed");
  expect(await reached(claimId, "waiting")).toMatchObject({ steps: [{ step: "accepted" }] });
  expect(station.events.map(({ event }) => event)).not.toContain("enrolled");
});

test("a press that comes first counts for the code that follows", async () => {
  const { station, code } = await unpacked();
  station.type("press");
  await station.told("present");
  const { claimId } = await claim(code);
  await reached(claimId, "ready");
});

test("a code is told wrong, mistyped, used or unplugged for what it is", async () => {
  const { code } = await claimed();
  expect(await refusal(mara.post("/api/claims", { code }))).toEqual({
    status: 409,
    code: "claimed-already",
  });
  expect(await refusal(mara.post("/api/claims", { code: "7K4M-PQ2D-88XV-0000" }))).toMatchObject({ status: 400 });
});

test("once three thousand codes were guessed from everywhere, nobody tries another before ten minutes are over", async () => {
  const { code } = await unpacked();
  const guessed = (since: number) =>
    asOwner(platform, [
      `insert into rate_limit (id, key, count, last_request) values ('all', 'claim:all', 3000, $1)
       on conflict (key) do update set count = 3000, last_request = $1`,
      [since],
    ]);
  await guessed(Date.now());
  const answer = await mara.post("/api/claims", { code });
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(590);
  expect(await refusal(Promise.resolve(answer))).toEqual({ status: 429, code: "too-many-codes" });
  await guessed(Date.now() - 600_000);
  expect(await claim(code)).toMatchObject({ state: "waiting" });
});

test.each(["unclaimed", "present", "enrolled", "registered"] as const)(
  "a station whose power is cut when it is %s goes on where it was",
  async (event) => {
    const { station, serial, code } = await unpacked();
    const { claimId } = await claim(code);
    if (event !== "unclaimed") station.type("press");
    await station.told(event);
    station.kill();
    const again = start("listen", serial);
    if (event === "unclaimed") {
      await again.told("unclaimed");
      again.type("press");
    }
    await again.told("registered");
    await reached(claimId, "ready");
    expect(existsSync(join(platform.dataDir, "pki", "devices", `${serial}.next.key`))).toBe(false);
  },
);

test("a claim goes on by itself, whatever the network takes away between its steps", async () => {
  const { station, code } = await unpacked();
  const { claimId, deviceId } = await claim(code);
  platform.kill("device-front");
  station.type("press");
  await station.told("cloud-away");
  await station.told("present", undefined, 0, 30_000);
  await station.told("enrolled", undefined, 0, 30_000);
  for (const part of ["mqtt", "sip-gateway"] as const) platform.kill(part);
  await station.told("registered", undefined, 0, 30_000);
  await reached(claimId, "ready");
  const isOnline = async () => expect((await look(deviceId)).online).toBe(true);
  await vi.waitFor(isOnline, { timeout: 30_000, interval: 200 });
}, 120_000);

test("a station that is released forgets its owner, and is claimed anew by the fresh code", async () => {
  const { station, serial, deviceId } = await claimed();
  const before = station.events.length;
  const fresh = await release(deviceId);
  expect(await station.told("unclaimed", undefined, before)).toMatchObject({ code: "" });
  expect(existsSync(configurationOf(serial))).toBe(false);
  station.type("press");
  await station.told("present", undefined, before);
  const again = await claim(fresh, "Side door");
  expect(again.deviceId).not.toBe(deviceId);
  await reached(again.claimId, "ready");
  expect(await station.told("registered", undefined, before)).toMatchObject({ deviceId: again.deviceId });
}, 60_000);

test("a station that was off while it was released, and reaches no broker, forgets its owner when the gateway turns it away", async () => {
  const { station, serial, deviceId } = await claimed();
  await station.stop();
  const fresh = await release(deviceId);
  const [nobody = 0] = await takePorts(1);
  const again = start("listen", serial, "--mqtt-port", String(nobody));
  expect(await again.told("unclaimed")).toMatchObject({ code: "" });
  expect(ownFiles(serial)).toEqual([`${serial}.given-up`, `${serial}.next.key`]);
  expect(await claim(fresh, "Side door")).toMatchObject({ state: "waiting", serial });
}, 60_000);

test("a factory reset forgets everything and frees no station: nobody else can claim it, and it is its owner's again by itself", async () => {
  const { station, serial, code, deviceId } = await claimed();
  const nora = await portalApi(platform.origin, await signUpNora(platform));
  const nobodyElse = async () =>
    expect(await refusal(nora.post("/api/claims", { code }))).toEqual({ status: 409, code: "claimed-elsewhere" });
  const hasComeBack = async (station: ReferenceStation, from: number) => {
    expect(await station.told("enrolled", undefined, from)).toMatchObject({ deviceId });
    await station.told("configured", ({ version }) => version > 0, from);
    await station.told("registered", undefined, from);
    expect(readFileSync(configurationOf(serial), "utf8")).toContain("Back door");
    expect(await look(deviceId)).toMatchObject({ name: "Back door", differences: [] });
  };

  const before = station.events.length;
  station.type("reset");
  await station.told("reset");
  await nobodyElse();
  await hasComeBack(station, before);

  await station.stop();
  const off = start("reset", serial);
  await off.told("reset");
  await off.ended;
  expect(ownFiles(serial)).toEqual([]);
  expect(
    readFileSync(join(platform.dataDir, "stations", serial, "log.ndjson"), "utf8")
      .trim()
      .split("\n"),
  ).toHaveLength(1);
  await nobodyElse();
  await hasComeBack(start("listen", serial), 0);
}, 60_000);

test("no key is in any log, and no code lies anywhere but on its label: in no database, object or log of the cloud", async () => {
  const { serial, code } = await unpacked();
  await claim(code);
  for (const part of ["edge", "front", "device-front", "sip-gateway", "postgres"] as const)
    expect(platform.log(part)).not.toContain("PRIVATE KEY");
  /** The files of the data folder that hold one of these, however written. Makers' and devices' own are in `pki`. */
  const holding = (texts: string[]) => {
    const asked = texts.flatMap((text) => ["-e", text, "-e", text.replaceAll("-", "")]);
    const { stdout } = spawnSync("grep", ["-rlaiF", "--exclude-dir=pki", ...asked, platform.dataDir]);
    return String(stdout);
  };
  expect(holding([serial])).toContain(join(platform.dataDir, "postgres"));
  expect(codes.length).toBeGreaterThan(5);
  expect(holding(codes)).toBe("");
});
