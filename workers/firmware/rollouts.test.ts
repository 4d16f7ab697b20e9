/** Policies and rollouts through the real worker and database; the clock and what devices say are the test's. */
import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { soakTime, stepTime } from "#core/firmware/rollout.ts";
import { restartTime } from "#core/firmware/rollout-device.ts";
import type { FirmwareProgress } from "#core/messages/device.ts";
import { rolloutDetail } from "#core/messages/firmware-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { changesOf } from "#db/queries/device-list.ts";
import { beginDueRollouts } from "../../functions/firmware-rollouts.ts";
import worker from "../index.ts";
import { bring } from "../testing/broker.ts";
import { fleetOf, plate, publishAll } from "../testing/fleet.ts";
import { somebody } from "../testing/portal.ts";
import { moveRollouts } from "./moving.ts";

type Fleet = Awaited<ReturnType<typeof fleetOf>>;

const minute = 60_000;
const old = { number: 1, contents: "a" };
const mended = { number: 2, critical: true, note: "mends a certificate check", contents: "b" };
const always = { policy: "all", windows: [], approval: false };

beforeEach(() => publishAll([old, mended]));

const setPolicy = (fleet: Fleet, policy: object) =>
  fleet.portal.ask("/api/firmware", { method: "PATCH", body: { ...always, ...policy } });

async function says(id: DeviceId, ...phases: FirmwareProgress["phase"][]): Promise<void> {
  for (const phase of phases) {
    const body = { release: 2, phase, received: 7_000_000, size: 7_000_000, repeated: 0 };
    expect((await bring(id, { kind: "progress", body })).outcome).toBe("stored");
  }
}

/** A fleet whose policy takes everything at any time, with the rollout that began by itself. */
async function rolling(count: number, policy: object = {}) {
  const fleet = await fleetOf(count);
  await setPolicy(fleet, policy);
  const begin = Date.now();
  await beginDueRollouts(env, begin);
  const [rollout] = (await fleet.look()).rollouts;
  if (!rollout) throw new Error("nothing began");
  const move = (at: number) => moveRollouts(env, at, fleet.tell);
  return { ...fleet, begin, id: rollout.rolloutId, move };
}

it("begins by itself, tells one device first, and the others once that one has been healthy for a while", async () => {
  const fleet = await rolling(12);
  await fleet.move(fleet.begin);
  await fleet.move(fleet.begin + minute);
  expect(fleet.told).toHaveLength(1);
  expect(fleet.toldAt(0).release).toBe(2);
  await says(fleet.toldAt(0).id, "loading", "checking", "installed", "healthy");
  const [shown] = (await fleet.look()).rollouts;
  expect(shown).toMatchObject({ state: "running", step: 0, critical: true, note: "mends a certificate check" });
  expect(shown?.steps.map(({ waits, healthy }) => [waits, healthy])).toEqual([
    [0, 1],
    [1, 0],
    [10, 0],
  ]);
  await fleet.move(Date.now() + soakTime - minute);
  expect(fleet.told).toHaveLength(1);
  await fleet.move(Date.now() + soakTime + minute);
  expect(fleet.told).toHaveLength(2);
  await says(fleet.toldAt(1).id, "installed", "healthy");
  await fleet.move(Date.now() + soakTime + minute);
  await fleet.move(Date.now() + soakTime + 2 * minute);
  expect(new Set(fleet.told.map(({ id }) => id)).size).toBe(12);
  for (const { id } of fleet.told.slice(2)) await says(id, "installed", "healthy");
  await fleet.move(Date.now() + soakTime + 3 * minute);
  expect(await fleet.ofRollout(fleet.id)).toMatchObject({ state: "done", step: 2 });
  expect(fleet.told).toHaveLength(12);
});

it("stops by itself when a device restarts and is silent, says so, and goes back once there is something to go back to", async () => {
  const fleet = await rolling(3);
  await fleet.move(fleet.begin);
  const { id } = fleet.toldAt(0);
  await says(id, "installed");
  await fleet.move(Date.now() + restartTime - minute);
  expect(await fleet.ofRollout(fleet.id)).toMatchObject({ state: "running" });
  await fleet.move(Date.now() + restartTime + minute);
  const stopped = await fleet.ofRollout(fleet.id);
  expect(stopped).toMatchObject({ state: "stopped", reason: "failures" });
  expect(stopped.devices[0]).toMatchObject({ deviceId: id, state: "failed", failure: "silent" });
  expect(stopped.changes[0]).toMatchObject({ action: "move-rollout", after: { state: "stopped", reason: "failures" } });
  expect(stopped.changes[0]?.by).toBeUndefined();
  await beginDueRollouts(env, Date.now());
  await fleet.move(Date.now() + stepTime);
  expect(fleet.told).toHaveLength(1);

  expect((await fleet.decide(fleet.id, "go-back")).status).toBe(409);
  await publishAll([old, mended, { number: 3, contents: "a" }]);
  expect(await fleet.ofRollout(fleet.id)).toMatchObject({ wayBack: 3 });
  const running = { version: 0, configuration: {}, firmware: "two", release: { number: 2, belowFloor: false } };
  await bring(id, { kind: "reported", body: running });
  const back = rolloutDetail.parse(await (await fleet.decide(fleet.id, "go-back")).json());
  expect(back).toMatchObject({ release: 3, goesBack: true, by: "Anna", steps: [{ percent: 100, waits: 1 }] });
  await fleet.move(Date.now());
  expect(fleet.told.slice(1)).toEqual([{ id, release: 3 }]);
});

it("keeps to the window of the site's own time, and waits for who is away", async () => {
  const fleet = await fleetOf(1);
  for (const id of fleet.ids) fleet.away.add(id);
  const at = (hour: number) => Date.UTC(2027, 0, 4, hour); // a Monday
  await setPolicy(fleet, { windows: [{ days: [1], from: 120, length: 60 }] });
  await fleet.portal.ask(`/api/sites/${fleet.siteId}`, {
    method: "PATCH",
    body: { name: "Lindenhof 4", timeZone: "Europe/Vienna" },
  });
  await beginDueRollouts(env, at(0));
  const [rollout] = (await fleet.look()).rollouts;
  expect(rollout).toMatchObject({ timeZone: "Europe/Vienna", nextAt: expect.any(Number) });
  await moveRollouts(env, at(0), fleet.tell);
  await moveRollouts(env, at(1), fleet.tell);
  expect(fleet.told).toEqual([]);
  fleet.away.clear();
  await moveRollouts(env, at(1) + 59 * minute, fleet.tell);
  expect(fleet.told).toEqual(fleet.ids.map((id) => ({ id, release: 2 })));
  await moveRollouts(env, at(2), fleet.tell);
  expect(fleet.told).toHaveLength(1);
});

it("takes by itself what the nearest policy says: device, site, organisation", async () => {
  const fleet = await fleetOf(3);
  await publishAll([old, { ...mended, critical: false }]);
  await beginDueRollouts(env, Date.now());
  expect((await fleet.look()).rollouts).toEqual([]);
  await fleet.portal.ask(`/api/firmware/sites/${fleet.siteId}`, {
    method: "PATCH",
    body: { policy: "all", windows: [] },
  });
  const ofDevice = `/api/firmware/devices/${fleet.ids[0]}`;
  const changed = await fleet.portal.ask(ofDevice, { method: "PATCH", body: { policy: "manual" } });
  expect(await changed.json()).toEqual({ policy: "manual", otherwise: "all" });
  await beginDueRollouts(env, Date.now());
  const { rollouts, sites, organisation } = await fleet.look();
  expect(organisation.policy).toBe("security-critical");
  expect(sites.find(({ siteId }) => siteId === fleet.siteId)).toMatchObject({ policy: "all" });
  const detail = await fleet.ofRollout(rollouts[0]?.rolloutId ?? "");
  expect(detail.devices.map(({ deviceId }) => deviceId).toSorted()).toEqual(fleet.ids.slice(1));
  const lines = await changesOf(fleet.db, 10, fleet.ids[0]);
  expect(lines).toMatchObject([
    { action: "change-firmware-policy", by: { name: "Anna" }, after: { policy: "manual" } },
  ]);
});

it("asks before each step where that is wanted, can be paused and stopped, and says who did it", async () => {
  const fleet = await rolling(12, { approval: true });
  await fleet.decide(fleet.id, "pause");
  await fleet.move(fleet.begin);
  expect(fleet.told).toEqual([]);
  await fleet.decide(fleet.id, "resume");
  await fleet.move(fleet.begin);
  await says(fleet.toldAt(0).id, "installed", "healthy");
  await fleet.move(Date.now() + soakTime + minute);
  expect((await fleet.ofRollout(fleet.id)).state).toBe("awaits-approval");
  await fleet.decide(fleet.id, "approve");
  await fleet.move(Date.now());
  expect(fleet.told).toHaveLength(2);
  expect(await (await fleet.decide(fleet.id, "approve")).json()).toMatchObject({ code: "not-now" });
  await fleet.decide(fleet.id, "stop");
  const { changes, state, reason } = await fleet.ofRollout(fleet.id);
  expect([state, reason]).toEqual(["stopped", "by-person"]);
  await fleet.portal.ask("/api/rollouts", { body: { ...plate, release: 2, approval: false } });
  for (const id of fleet.ids) await says(id, "installed", "healthy");
  const { steps } = await fleet.ofRollout(fleet.id);
  expect(steps.map(({ waits, healthy }) => [waits, healthy])).toEqual([
    [0, 1],
    [0, 1],
    [10, 0],
  ]);
  const who = Object.fromEntries(changes.map(({ action, by }) => [action, by?.name]));
  const anna = { "pause-rollout": "Anna", "resume-rollout": "Anna", "approve-rollout": "Anna", "stop-rollout": "Anna" };
  expect(who).toEqual({ ...anna, "begin-rollout": undefined, "move-rollout": undefined });
});

it("rolls out by hand what no policy takes, shows what runs where, and gives way to a newer release", async () => {
  const fleet = await fleetOf(2);
  await setPolicy(fleet, { policy: "manual" });
  const begin = (release: number) =>
    fleet.portal.ask("/api/rollouts", { body: { ...plate, release, approval: false } });
  expect((await begin(9)).status).toBe(404);
  expect((await begin(1)).status).toBe(409);
  const first = rolloutDetail.parse(await (await begin(2)).json());
  expect(first).toMatchObject({ by: "Anna", devices: [{ state: "waits" }, { state: "waits" }] });
  await publishAll([old, mended, { number: 3, contents: "c" }]);
  expect((await begin(3)).status).toBe(200);
  const { hardware, rollouts } = await fleet.look();
  expect(rollouts.map(({ release, state }) => [release, state])).toEqual([
    [3, "running"],
    [2, "replaced"],
  ]);
  expect(hardware).toMatchObject([
    {
      ...plate,
      family: "MX",
      running: [{ release: 1, devices: 2 }],
      releases: [{ number: 3 }, { number: 2 }, { number: 1 }],
    },
  ]);
});

it("tells a connected device by its broker when the clock fires, and takes its refusal for a failure", async () => {
  const fleet = await fleetOf(1, "a-node");
  const windows = [{ days: [1, 2, 3, 4, 5, 6, 7], from: 0, length: 24 * 60 }];
  await setPolicy(fleet, { windows });
  // Nobody carries it: the device waits for its turn again.
  await fleet.portal.ask("/api/rollouts", { body: { ...plate, release: 2, approval: false } });
  const { socket, heard } = await fleet.openBroker("a-node");
  worker.scheduled(createScheduledController({ cron: "* * * * *" }), env, createExecutionContext());
  const { commandId, ...rest } = await heard;
  const restartIn = { windows, timeZone: expect.any(String) };
  expect(rest).toMatchObject({ deviceId: fleet.ids[0], command: { do: "update-firmware", release: 2, restartIn } });
  const body = { commandId, result: "refused", detail: "no firmware of its own" } as const;
  await bring(rest.deviceId, { kind: "acknowledged", body });
  const [shown] = (await fleet.look()).rollouts;
  const detail = await fleet.ofRollout(shown?.rolloutId ?? "");
  expect(detail.devices).toMatchObject([{ state: "failed", failure: "refused", detail: "no firmware of its own" }]);
  socket.close();
});

it("is the business of who looks after devices, and of one's own organisation", async () => {
  const fleet = await rolling(1);
  const operator = await somebody("operator");
  const stranger = await somebody();
  const begin = { body: { ...plate, release: 2, approval: false } };
  expect((await operator.portal.ask("/api/firmware")).status).toBe(200);
  expect((await operator.portal.ask("/api/rollouts", begin)).status).toBe(403);
  expect((await stranger.portal.ask(`/api/rollouts/${fleet.id}`)).status).toBe(404);
  expect((await stranger.portal.ask(`/api/rollouts/${fleet.id}`, { body: { do: "stop" } })).status).toBe(404);
  const nowhere = { method: "PATCH", body: { policy: "all" } };
  expect((await stranger.portal.ask(`/api/firmware/devices/${fleet.ids[0]}`, nowhere)).status).toBe(404);
  expect((await stranger.portal.ask(`/api/firmware/sites/${fleet.siteId}`, nowhere)).status).toBe(404);
});
