/** The logs of devices: what is known of each, and who looked at which. */
import { and, desc, eq, sql } from "drizzle-orm";
import { logLife } from "#core/device/log.ts";
import { deviceLogRow } from "#core/messages/device-logs.ts";
import { type CommandId, commandId, type DeviceId, type OrganisationId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { deviceCommand } from "../schema/device-command.ts";
import { deviceLog } from "../schema/device-log.ts";
import { time } from "./changing.ts";

/** Where a log's lines lie in the bucket. */
export const logObject = (organisation: OrganisationId, device: string, id: string): string =>
  `${organisation}/${device}/${id}.ndjson`;

export interface LogSize {
  lines: number;
  warnings: number;
  octets: number;
}

const ofDevice = (db: OrganisationDb, id: DeviceId) =>
  and(eq(deviceLog.organisationId, db.organisationId), eq(deviceLog.deviceId, id));

/** Keeps what is known of a log that was asked for. @returns false where it came before */
export async function saveAskedLog(
  db: OrganisationDb,
  deviceId: DeviceId,
  id: CommandId,
  size: LogSize,
  receivedAt: Date,
): Promise<boolean> {
  const saved = await db
    .insert(deviceLog)
    .values({ id, organisationId: db.organisationId, deviceId, receivedAt, ...size })
    .onConflictDoNothing()
    .returning({ id: deviceLog.id });
  return saved.length > 0;
}

/** Forgets a log whose lines could not be kept. */
export async function dropLog(db: OrganisationDb, id: string): Promise<void> {
  await db.delete(deviceLog).where(and(eq(deviceLog.organisationId, db.organisationId), eq(deviceLog.id, id)));
}

/** The log of what a device streams on this day (UTC), made at its first line. */
export async function logOfDay(db: OrganisationDb, deviceId: DeviceId, at: Date): Promise<{ id: string }> {
  const own = { organisationId: db.organisationId, deviceId, day: at.toISOString().slice(0, 10) };
  const [row] = await db
    .insert(deviceLog)
    .values({ id: crypto.randomUUID(), ...own, receivedAt: at })
    .onConflictDoUpdate({
      target: [deviceLog.organisationId, deviceLog.deviceId, deviceLog.day],
      set: { day: own.day },
    })
    .returning({ id: deviceLog.id });
  if (!row) throw new Error("the log of the day was not kept");
  return row;
}

/** More lines came. */
export async function addToLog(db: OrganisationDb, id: string, more: LogSize, receivedAt: Date): Promise<void> {
  await db
    .update(deviceLog)
    .set({
      lines: sql`${deviceLog.lines} + ${more.lines}`,
      warnings: sql`${deviceLog.warnings} + ${more.warnings}`,
      octets: sql`${deviceLog.octets} + ${more.octets}`,
      receivedAt,
    })
    .where(and(eq(deviceLog.organisationId, db.organisationId), eq(deviceLog.id, id)));
}

/** A device's logs, the newest first. */
export async function logsOf(db: OrganisationDb, id: DeviceId, limit: number, only?: string) {
  const rows = await db
    .select({
      logId: deviceLog.id,
      streamed: sql<boolean>`${deviceLog.day} is not null`,
      askedBy: deviceCommand.name,
      at: deviceLog.receivedAt,
      lines: deviceLog.lines,
      warnings: deviceLog.warnings,
      octets: deviceLog.octets,
    })
    .from(deviceLog)
    .leftJoin(
      deviceCommand,
      and(eq(deviceCommand.id, deviceLog.id), eq(deviceCommand.organisationId, deviceLog.organisationId)),
    )
    .where(and(ofDevice(db, id), only === undefined ? undefined : eq(deviceLog.id, only)))
    .orderBy(desc(deviceLog.receivedAt))
    .limit(limit);
  return rows.map(({ at, askedBy, ...row }) =>
    deviceLogRow.parse({
      ...row,
      ...(askedBy === null ? {} : { askedBy }),
      at: at.getTime(),
      keptUntil: at.getTime() + logLife,
    }),
  );
}

const isForLog = sql`${deviceCommand.command} ->> 'do' = 'upload-log'`;
const requestOf = (db: OrganisationDb, id: DeviceId) =>
  and(eq(deviceCommand.organisationId, db.organisationId), eq(deviceCommand.deviceId, id), isForLog);

/** The last time the device was asked for its log. @param only this one */
export async function logRequest(db: OrganisationDb, id: DeviceId, only?: CommandId) {
  const [row] = await db
    .select({
      id: deviceCommand.id,
      by: deviceCommand.name,
      askedAt: deviceCommand.askedAt,
      state: deviceCommand.state,
    })
    .from(deviceCommand)
    .where(and(requestOf(db, id), only === undefined ? undefined : eq(deviceCommand.id, only)))
    .orderBy(desc(deviceCommand.askedAt))
    .limit(1);
  return row && { ...row, id: commandId.parse(row.id), askedAt: row.askedAt.getTime() };
}

/** Writes in the audit who looked at a device's log: once an hour, where they look again. @param now milliseconds */
export async function noteLook(
  db: OrganisationDb,
  { userId, name }: { userId: string; name: string },
  id: DeviceId,
  logId: string,
  now: number,
): Promise<void> {
  const before = time(now - 60 * 60_000);
  await db.execute(sql`
    insert into change (organisation_id, at, user_id, name, action, subject, after)
    select ${db.organisationId}, ${time(now)}, ${userId}, ${name}, 'look-at-log', ${id}, ${JSON.stringify({ logId })}::jsonb
     where not exists (select from change where user_id = ${userId} and action = 'look-at-log' and subject = ${id}
       and after ->> 'logId' = ${logId} and at > ${before})`);
}
