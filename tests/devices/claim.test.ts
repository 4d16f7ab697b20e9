/** From the box to the first call: a new station, its code, somebody's finger, and a browser's socket that rings. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { z } from "zod";
import { claimProgress, released } from "#core/messages/claiming.ts";
import { problem } from "#core/messages/portal-api.ts";
import { startListener } from "../support/listener.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { type PortalApi, portalApi } from "../support/portal-api.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";

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

function start(mode: "new" | "listen" | "press", serial: string, ...more: string[]): ReferenceStation {
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
  const claimed = await unpacked();
  claimed.station.type("press");
  await claimed.station.told("present");
  await reached((await claim(claimed.code)).claimId, "ready");
  expect(await refusal(mara.post("/api/claims", { code: claimed.code }))).toEqual({
    status: 409,
    code: "claimed-already",
  });
  expect(await refusal(mara.post("/api/claims", { code: "7K4M-PQ2D-88XV-0000" }))).toMatchObject({ status: 400 });
});

test("once three thousand codes were guessed from everywhere, nobody tries another before ten minutes are over", async () => {
  const { code } = await unpacked();
  const database = new pg.Client({
    connectionString: `postgres://symphony_owner:${platform.secrets.POSTGRES_OWNER_PASSWORD}@127.0.0.1:${platform.ports.POSTGRES_PORT}/symphony`,
  });
  await database.connect();
  const guessed = (since: number) =>
    database.query(
      `insert into rate_limit (id, key, count, last_request) values ('all', 'claim:all', 3000, $1)
       on conflict (key) do update set count = 3000, last_request = $1`,
      [since],
    );
  await guessed(Date.now());
  const answer = await mara.post("/api/claims", { code });
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(590);
  expect(await refusal(Promise.resolve(answer))).toEqual({ status: 429, code: "too-many-codes" });
  await guessed(Date.now() - 600_000);
  await database.end();
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

test("a station that is released forgets its owner, and is claimed anew by the fresh code", async () => {
  const { station, serial, code } = await unpacked();
  station.type("press");
  await station.told("present");
  const { claimId, deviceId } = await claim(code);
  await reached(claimId, "ready");
  const before = station.events.length;
  const answer = await mara.post(`/api/devices/${deviceId}/release`, {});
  const fresh = released.parse(await answer.json()).code;
  expect(await station.told("unclaimed", undefined, before)).toMatchObject({ code: "" });
  const kept = readFileSync(join(platform.dataDir, "pki", "devices", `${serial}.configuration.json`), "utf8");
  expect(kept).not.toContain("Back door");
  station.type("press");
  await station.told("present", undefined, before);
  const again = await claim(fresh, "Side door");
  expect(again.deviceId).not.toBe(deviceId);
  await reached(again.claimId, "ready");
  expect(await station.told("registered", undefined, before)).toMatchObject({ deviceId: again.deviceId });
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
