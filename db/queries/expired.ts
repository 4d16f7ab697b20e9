/** What is kept no longer: found, so that its objects can go, and only then forgotten. */
import { inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { logLife } from "#core/device/log.ts";
import { type CallId, callId, type OrganisationId, organisationId } from "#core/messages/values.ts";
import type { Db, OrganisationDb } from "../client.ts";
import { call, snapshot } from "../schema/call.ts";
import { deviceLog } from "../schema/device-log.ts";
import { time } from "./changing.ts";
import { logObject } from "./device-logs.ts";

/** How long a picture waits for the record of its call. Milliseconds. */
const pictureWaits = 86_400_000;

/** The organisations that have such calls at that moment (milliseconds). */
export async function withExpiredCalls(db: Db, now: number): Promise<OrganisationId[]> {
  const { rows } = await db.execute(
    sql`select organisations_with_expired_calls(${time(now)}, ${time(now - pictureWaits)}) as id`,
  );
  return rows.map(({ id }) => organisationId.parse(id));
}

/** This organisation's calls that are over for long enough, and those of which there is a picture and was never a record. */
export async function expiredCalls(db: OrganisationDb, now: number, most: number): Promise<CallId[]> {
  const { rows } = await db.execute(sql`
    select c.id from call c join organisation o on o.id = c.organisation_id
     where c.ended_at < ${time(now)} - make_interval(days => o.retention_days)
    union
    select s.call_id from snapshot s
     where s.taken_at < ${time(now - pictureWaits)} and not exists (select from call c where c.id = s.call_id)
    limit ${most}`);
  return rows.map(({ id }) => callId.parse(id));
}

export async function forgetCalls(db: OrganisationDb, calls: CallId[]): Promise<void> {
  await db.batch([
    db.delete(snapshot).where(inArray(snapshot.callId, calls)),
    db.delete(call).where(inArray(call.id, calls)),
  ]);
}

/** Organisations with devices' logs that are kept no longer. */
export async function withExpiredLogs(db: Db, now: number): Promise<OrganisationId[]> {
  const { rows } = await db.execute(sql`select organisations_with_old_logs(${time(now - logLife)}) as id`);
  return rows.map(({ id }) => organisationId.parse(id));
}

const log = z.object({ id: z.uuid(), device_id: z.uuid() }).transform(({ id, device_id: device }) => ({ id, device }));

/** This organisation's logs that are old enough, each with its object. */
export async function expiredLogs(
  db: OrganisationDb,
  now: number,
  most: number,
): Promise<{ id: string; object: string }[]> {
  const { rows } = await db.execute(sql`
    select id, device_id from device_log where received_at < ${time(now - logLife)} limit ${most}`);
  return rows.map((row) => {
    const { id, device } = log.parse(row);
    return { id, object: logObject(db.organisationId, device, id) };
  });
}

export async function forgetLogs(db: OrganisationDb, logs: { id: string }[]): Promise<void> {
  await db.delete(deviceLog).where(
    inArray(
      deviceLog.id,
      logs.map(({ id }) => id),
    ),
  );
}
