/**
 * What the broker of a media node brings from devices: who came and went, and what they say. Many at once, since after a fault a whole
 * fleet comes together; answered once it is stored.
 */
import type { z } from "zod";
import type { DesiredMessage } from "#core/device/configuration.ts";
import { firstOfEach } from "#core/device/first-of-each.ts";
import type { DeviceEvent, deviceEvents, EventOutcome, eventOutcomes } from "#core/messages/broker-link.ts";
import type { Up } from "#core/messages/device.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { connectDb, type OrganisationDb, organisationDb } from "#db/client.ts";
import { devicesBeingClaimed } from "#db/queries/claims.ts";
import { configurationsOf, desiredOf, saveReports, saveSent } from "#db/queries/configuration.ts";
import { cameOnline, saveOutcome, saveProgress, saveStates, wentOffline } from "#db/queries/device-presence.ts";
import { holdersOf } from "#db/queries/identities.ts";
import { acknowledged, saidProgress, saidReleases } from "#db/queries/rollout-devices.ts";
import { progress } from "../claiming/progress.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import { log, reasonOf } from "../log.ts";
import { withCredentials } from "./camera-credentials.ts";

const organisationsAtOnce = 4;

/** GET /media-node/devices?node= */
export async function acceptBroker(env: Env, request: Request, node: string): Promise<Response> {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
    return problem(426, "upgrade-required", "This address speaks WebSocket.");
  return env.DEVICE_LINK.getByName(node).fetch("https://device-link/", { headers: { upgrade: "websocket" } });
}

/** POST /media-node/devices/events */
export async function answerEvents(
  env: Env,
  { node, events }: z.output<typeof deviceEvents>,
  now: number,
): Promise<z.input<typeof eventOutcomes>> {
  const db = connectDb(env);
  const owners = await holdersOf(db, [...new Set(events.map(({ deviceId }) => deviceId))]);
  const outcomes = new Map<DeviceEvent, EventOutcome>();
  const waiting = Map.groupBy(events, ({ deviceId }) => owners.get(deviceId)).entries();
  await Promise.all(
    Array.from({ length: organisationsAtOnce }, async () => {
      for (const [owner, theirs] of waiting)
        if (owner) await store({ env, db: organisationDb(db, owner), node, now }, theirs, outcomes);
    }),
  );
  return { outcomes: events.map((event) => outcomes.get(event) ?? { outcome: "unknown-device" }) };
}

interface Taking {
  env: Env;
  /** Of the organisation whose devices these are. */
  db: OrganisationDb;
  node: string;
  now: number;
}

/** One that can't be stored takes no other with it: then each is tried for itself. All of it may be done twice. */
async function store(taking: Taking, events: DeviceEvent[], outcomes: Map<DeviceEvent, EventOutcome>): Promise<void> {
  try {
    for (const turn of firstOfEach(events, ({ deviceId }) => deviceId)) {
      const desired = await take(taking, turn);
      for (const event of turn) outcomes.set(event, { outcome: "stored", desired: desired.get(event.deviceId) });
    }
  } catch (error) {
    const [only] = events;
    if (only && events.length === 1) {
      log("device event not stored", { device: only.deviceId, kind: only.event.kind, reason: reasonOf(error) });
      outcomes.set(only, { outcome: "failed" });
    } else for (const event of events) await store(taking, [event], outcomes);
  }
}

/** Takes one event of each of these devices. @returns what to tell some of them */
async function take(taking: Taking, events: DeviceEvent[]): Promise<Map<DeviceId, DesiredMessage>> {
  const { env, db, node, now } = taking;
  const at = new Date(now);
  const came: DeviceId[] = [];
  const went: DeviceId[] = [];
  const reports: Report[] = [];
  /** Whose door is shown otherwise than before. */
  const doors = new Set<DeviceId>();
  for (const { deviceId, event } of events) {
    switch (event.kind) {
      case "came":
        came.push(deviceId);
        break;
      case "went":
        went.push(deviceId);
        break;
      case "reported":
        reports.push({ deviceId, ...event.body });
        break;
      case "states":
        if (await saveStates(db, deviceId, event.body)) doors.add(deviceId);
        break;
      case "acknowledged":
        await saveOutcome(db, event.body.commandId, event.body, at);
        await acknowledged(db, event.body, now);
        break;
      case "progress":
        await saveProgress(db, deviceId, event.body);
        await saidProgress(db, deviceId, event.body, now);
    }
  }
  if (came.length > 0) await cameOnline(db, came, node, at);
  if (went.length > 0) await wentOffline(db, went, node, at);
  const desired = reports.length > 0 ? await takeReports(taking, reports) : new Map<DeviceId, DesiredMessage>();
  await env.SWITCHBOARD.getByName(db.organisationId).devicesChanged(
    events.map(({ deviceId }) => ({ deviceId, door: doors.has(deviceId) })),
  );
  return desired;
}

type Report = { deviceId: DeviceId } & Up<"reported">;

async function takeReports({ env, db, now }: Taking, reports: Report[]): Promise<Map<DeviceId, DesiredMessage>> {
  await saveReports(db, reports, new Date(now));
  const runs = reports.flatMap(({ deviceId, release }) => (release ? [{ deviceId, release: release.number }] : []));
  await saidReleases(db, runs, now);
  const configured = reports.filter(({ version }) => version > 0).map(({ deviceId }) => deviceId);
  for (const id of await devicesBeingClaimed(db, configured))
    await progress(env, db.organisationId, id, "configured", now);
  const found = await configurationsOf(
    db,
    reports.map(({ deviceId }) => deviceId),
  );
  const toSend = [...found].flatMap(([deviceId, { sealedCredentials, ...about }]) => {
    const desired = desiredOf({ sealedCredentials, ...about });
    return desired ? [{ deviceId, desired, sealedCredentials }] : [];
  });
  await saveSent(
    db,
    toSend.map(({ deviceId, desired }) => ({ deviceId, ...desired })),
  );
  return new Map(
    await Promise.all(
      toSend.map(
        async ({ deviceId, desired, sealedCredentials }) =>
          [deviceId, await withCredentials(env, deviceId, desired, sealedCredentials)] as const,
      ),
    ),
  );
}
