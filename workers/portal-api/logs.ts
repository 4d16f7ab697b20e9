/** /api/devices/{deviceId}/logs: asking a device for its log, and looking at those that came. */
import type { z } from "zod";
import { linesAsked, logLife, readLines, requestState } from "#core/device/log.ts";
import type { commandAsked } from "#core/messages/device-api.ts";
import type { deviceLogContents, deviceLogList } from "#core/messages/device-logs.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import type { Author } from "#db/queries/configuration.ts";
import { logObject, logRequest, logsOf, noteLook } from "#db/queries/device-logs.ts";
import { heldDevice } from "#db/queries/held-devices.ts";
import type { Identity } from "../auth/session.ts";
import { askDevice } from "../devices/to-devices.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

const unknown = () => problem(404, "unknown-device", "There is no such device here.");
/** How many logs are listed: those of two weeks, and as many again that somebody asked for. */
const listed = 50;

export async function answerLogs(
  db: OrganisationDb,
  id: DeviceId,
  now: number,
): Promise<z.input<typeof deviceLogList> | Response> {
  const [held, logs, asked] = await Promise.all([heldDevice(db, id), logsOf(db, id, listed), logRequest(db, id)]);
  if (!held) return unknown();
  const request = asked && now < asked.askedAt + logLife ? asked : undefined;
  const has = logs.some(({ logId }) => logId === request?.id);
  return {
    ...(request ? { request: { state: requestState(request, has, now), at: request.askedAt, by: request.by } } : {}),
    logs,
  };
}

/** 409 while it was asked and may still answer. */
export async function answerLogRequest(
  env: Env,
  db: OrganisationDb,
  id: DeviceId,
  { userId, name }: Identity,
  now: number,
): Promise<z.input<typeof commandAsked> | Response> {
  const held = await heldDevice(db, id);
  if (!held || held.virtual) return unknown();
  const asked = await askForLog(env, db, id, { userId, name }, now);
  return asked ?? problem(409, "asked-already", "It was asked for its log a moment ago. Wait for that one.");
}

/** @param id one that is held here @returns undefined: it was asked and may still answer */
export async function askForLog(env: Env, db: OrganisationDb, id: DeviceId, by: Author, now: number) {
  const before = await answerLogs(db, id, now);
  if (!(before instanceof Response) && before.request?.state === "asked") return undefined;
  return askDevice(env, db, id, { do: "upload-log", lines: linesAsked }, by, now);
}

/** Its lines. Who looks is in the audit before they see any. */
export async function answerLogContents(
  env: Env,
  db: OrganisationDb,
  id: DeviceId,
  logId: string,
  by: Identity,
  now: number,
): Promise<z.input<typeof deviceLogContents> | Response> {
  const [held, [log]] = await Promise.all([heldDevice(db, id), logsOf(db, id, 1, logId)]);
  if (!held) return unknown();
  const kept = log && (await env.LOGS.get(logObject(db.organisationId, id, logId)));
  if (!log || !kept) return problem(404, "no-such-log", "This log is not kept any more.");
  await noteLook(db, by, id, logId, now);
  return { log, lines: readLines(await kept.text()).lines };
}
