/** What the broker of a media node brings from devices: who came and went, and what they say. Answered once it is stored. */
import type { z } from "zod";
import type { presence, said } from "#core/messages/broker-link.ts";
import type { UpMessage } from "#core/messages/device.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { connectDb, type OrganisationDb, organisationDb } from "#db/client.ts";
import { configurationOf, desiredOf, saveReport, saveSent } from "#db/queries/configuration.ts";
import { cameOnline, saveOutcome, saveProgress, saveStates, wentOffline } from "#db/queries/device-presence.ts";
import { holderOf } from "#db/queries/identities.ts";
import { acknowledged, saidProgress, saidRelease } from "#db/queries/rollout-devices.ts";
import { progress } from "../claiming/progress.ts";
import type { Env } from "../env.ts";
import { isMediaNode } from "../http/bearer.ts";
import { problem } from "../http/problem.ts";
import { withCredentials } from "./camera-credentials.ts";

const stranger = () => problem(401, "bad-token", "This is no media node of ours.");
const nobodys = () => problem(404, "unknown-device", "Nobody owns this device.");

/** GET /media-node/devices?node= */
export async function acceptBroker(env: Env, request: Request, node: string): Promise<Response> {
  if (!(await isMediaNode(env, request))) return stranger();
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
    return problem(426, "upgrade-required", "This address speaks WebSocket.");
  return env.DEVICE_LINK.getByName(node).fetch("https://device-link/", { headers: { upgrade: "websocket" } });
}

async function ownersDb(env: Env, id: DeviceId): Promise<OrganisationDb | undefined> {
  const db = connectDb(env);
  const owner = await holderOf(db, id);
  return owner && organisationDb(db, owner);
}

const news = (env: Env, db: OrganisationDb, id: DeviceId, door: boolean) =>
  env.SWITCHBOARD.getByName(db.organisationId).deviceChanged(id, door);

/** POST /media-node/devices/{deviceId}/presence */
export async function answerConnection(
  env: Env,
  request: Request,
  id: DeviceId,
  { node, connected }: z.output<typeof presence>,
  now: number,
): Promise<Response> {
  if (!(await isMediaNode(env, request))) return stranger();
  const db = await ownersDb(env, id);
  if (!db) return nobodys();
  if (connected) await cameOnline(db, id, node, new Date(now));
  else await wentOffline(db, id, node, new Date(now));
  await news(env, db, id, false);
  return new Response(null, { status: 204 });
}

/** POST /media-node/devices/{deviceId}/messages */
export async function answerDeviceMessage(
  env: Env,
  request: Request,
  id: DeviceId,
  message: UpMessage,
  now: number,
): Promise<z.input<typeof said> | Response> {
  if (!(await isMediaNode(env, request))) return stranger();
  const db = await ownersDb(env, id);
  if (!db) return nobodys();
  const { door = false, ...answer } = await take(env, db, id, message, new Date(now));
  const configured = message.kind === "reported" && message.body.version > 0;
  if (configured) await progress(env, db.organisationId, id, "configured", now);
  await news(env, db, id, door);
  return answer;
}

async function take(
  env: Env,
  db: OrganisationDb,
  id: DeviceId,
  message: UpMessage,
  at: Date,
): Promise<z.input<typeof said> & { door?: boolean }> {
  switch (message.kind) {
    case "reported": {
      await saveReport(db, id, message.body, at);
      const runs = message.body.release?.number;
      if (runs !== undefined) await saidRelease(db, id, runs, at.getTime());
      const found = await configurationOf(db, id);
      const desired = found && desiredOf(found);
      if (!desired) return {};
      await saveSent(db, id, desired);
      return { desired: await withCredentials(env, id, desired, found.sealedCredentials) };
    }
    case "states":
      return { door: await saveStates(db, id, message.body) };
    case "acknowledged":
      await saveOutcome(db, message.body.commandId, message.body, at);
      await acknowledged(db, message.body, at.getTime());
      return {};
    case "progress":
      await saveProgress(db, id, message.body);
      await saidProgress(db, id, message.body, at.getTime());
      return {};
  }
}
