/** Whether devices are connected, what they say of themselves, and what they were asked to do. */
import { and, desc, eq, inArray, notInArray, sql } from "drizzle-orm";
import { returnPatience } from "#core/device/watch.ts";
import type { DeviceCommand, Up } from "#core/messages/device.ts";
import { type CommandId, commandId, type DeviceId } from "#core/messages/values.ts";
import type { Db, OrganisationDb } from "../client.ts";
import { deviceConfiguration } from "../schema/configuration.ts";
import { device } from "../schema/device.ts";
import { deviceCommand } from "../schema/device-command.ts";
import { audited } from "./changing.ts";
import type { Author } from "./configuration.ts";

const ofConfiguration = (db: OrganisationDb, id: DeviceId) =>
  and(eq(deviceConfiguration.deviceId, id), eq(deviceConfiguration.organisationId, db.organisationId));

const seen = (db: OrganisationDb, ids: readonly DeviceId[], at: Date) =>
  db
    .update(device)
    .set({ lastSeenAt: at })
    .where(and(inArray(device.id, [...ids]), eq(device.organisationId, db.organisationId)));

/** At least one. Rows are taken in the order of their ids, as everywhere where one statement changes many. */
export async function cameOnline(db: OrganisationDb, ids: readonly DeviceId[], node: string, at: Date): Promise<void> {
  const { organisationId } = db;
  const row = { connectedTo: node, connectedAt: at, lostWith: null, awaitedUntil: null };
  await db.batch([
    db
      .insert(deviceConfiguration)
      .values(ids.toSorted().map((id) => ({ deviceId: id, organisationId, ...row })))
      .onConflictDoUpdate({ target: deviceConfiguration.deviceId, set: row }),
    seen(db, ids, at),
  ]);
}

/** A device that has come back at another node meanwhile is not gone. */
export async function wentOffline(db: OrganisationDb, ids: readonly DeviceId[], node: string, at: Date): Promise<void> {
  const c = deviceConfiguration;
  await db.batch([
    db
      .update(c)
      .set({ connectedTo: null, connectedAt: null })
      .where(and(inArray(c.deviceId, [...ids]), eq(c.organisationId, db.organisationId), eq(c.connectedTo, node))),
    seen(db, ids, at),
  ]);
}

/** The node at which the device can be told something. */
export async function nodeOf(db: OrganisationDb, id: DeviceId): Promise<string | undefined> {
  const [row] = await db
    .select({ node: deviceConfiguration.connectedTo })
    .from(deviceConfiguration)
    .where(ofConfiguration(db, id));
  return row?.node ?? undefined;
}

/** @returns whether other cameras than before don't answer */
export async function saveStates(
  db: OrganisationDb,
  id: DeviceId,
  { states, silentCameras, camerasNotAsked }: Up<"states">,
): Promise<boolean> {
  const others = sql`${deviceConfiguration.silentCameras} is distinct from ${sql.param([...silentCameras])}::text[]`;
  const [changed] = await db.batch([
    db
      .update(deviceConfiguration)
      .set({ silentCameras })
      .where(and(ofConfiguration(db, id), others))
      .returning({ id: deviceConfiguration.deviceId }),
    db.update(deviceConfiguration).set({ states, camerasNotAsked }).where(ofConfiguration(db, id)),
  ]);
  return changed.length > 0;
}

export async function saveProgress(db: OrganisationDb, id: DeviceId, progress: Up<"progress">): Promise<void> {
  await db.update(deviceConfiguration).set({ progress }).where(ofConfiguration(db, id));
}

/** Forgets how the last update ended, if it failed, and writes who took note. @returns whether it was so */
export async function forgetFailedUpdate(db: OrganisationDb, id: DeviceId, by: Author, now: number): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    with old as (select device_id, progress from device_configuration where device_id = ${id}::uuid
        and progress ->> 'phase' in ('failed', 'fell-back') for update),
      done as (
        update device_configuration c set progress = null from old where c.device_id = old.device_id
        returning old.device_id as subject, old.progress as before, null::jsonb as after
      ) ${audited(db, by, "note-failed-update", now)}`);
  return rowCount > 0;
}

/** A node's broker says who is left there: everyone else at it is gone or was lost with it, and is awaited for a while. */
export async function onlyTheseAt(db: Db, node: string, devices: readonly DeviceId[]): Promise<void> {
  const { least, each } = returnPatience;
  await db.execute(sql`
    select forget_devices_at(${node}, ${sql.param([...devices])}::uuid[], ${least} * interval '1 ms', ${each} * interval '1 ms')`);
}

/** A node is away: nobody knows how its devices are. */
export async function nodeLost(db: Db, node: string): Promise<void> {
  await db.execute(sql`select lose_devices_at(${node})`);
}

export interface AskedCommand {
  commandId: CommandId;
  deviceId: DeviceId;
  command: DeviceCommand;
  askedAt: Date;
  expiresAt: Date;
}

/** @param of what a person asks stands in the audit; what a rollout asks stands under the rollout */
export async function saveCommand(
  db: OrganisationDb,
  asked: AskedCommand,
  by: Author,
  of: "person" | "rollout",
): Promise<void> {
  const { commandId: id, ...row } = asked;
  const { organisationId } = db;
  const kept = db.insert(deviceCommand).values({ id, organisationId, ...by, ...row, state: "sent" });
  if (of === "rollout") return void (await kept);
  const line = sql`
    with done as (select ${row.deviceId} as subject, null::jsonb as before, null::jsonb as after)
    ${audited(db, by, `ask-${row.command.do}`, row.askedAt.getTime())}`;
  await db.batch([kept, db.execute(line)]);
}

/** What the device was asked to do, the newest first, and how that went. */
export async function commandsOf(db: OrganisationDb, id: DeviceId, limit: number) {
  const rows = await db
    .select()
    .from(deviceCommand)
    .where(and(eq(deviceCommand.deviceId, id), eq(deviceCommand.organisationId, db.organisationId)))
    .orderBy(desc(deviceCommand.askedAt))
    .limit(limit);
  return rows.map(({ id, command, name, askedAt, state, detail }) => ({
    commandId: commandId.parse(id),
    do: command.do,
    by: name,
    askedAt: askedAt.getTime(),
    state,
    ...(detail === null ? {} : { detail }),
  }));
}

/** How a command went. The first word counts. */
export async function saveOutcome(
  db: OrganisationDb,
  id: CommandId,
  { result, detail }: { result: "offline" | Up<"acknowledged">["result"]; detail?: string | undefined },
  at: Date,
): Promise<void> {
  await db
    .update(deviceCommand)
    .set({ state: result, detail: detail ?? null, answeredAt: at })
    .where(
      and(
        eq(deviceCommand.id, id),
        eq(deviceCommand.organisationId, db.organisationId),
        notInArray(deviceCommand.state, ["done", "expired", "refused", "failed"]),
      ),
    );
}
