/** Calls: what a press needs to know, and keeping and reading what remains. */
import { and, count, desc, eq, gte, ilike, isNotNull, lt, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { reaches, seesOthersCalls } from "#core/access/permissions.ts";
import type { CallRecord } from "#core/call/record.ts";
import { callRecordLeg } from "#core/call/record.ts";
import { type CallDetail, type CallSummary, role } from "#core/messages/portal-api.ts";
import {
  type CallId,
  type CommandId,
  callId as callIdSchema,
  type DeviceId,
  type DoorCommandReason,
  type DoorCommandState,
  deviceId as deviceIdSchema,
  type OrganisationId,
  organisationId,
  type UserId,
  userId,
} from "#core/messages/values.ts";
import type { Db, OrganisationDb } from "../client.ts";
import { auditLine, call, callEvent, callLeg, snapshot } from "../schema/call.ts";
import { device } from "../schema/device.ts";
import { organisation, site } from "../schema/organisation.ts";
import { ofItsSite } from "./of-device.ts";
import { openersOfDevice, storedOpeners } from "./openers.ts";
import { isShared, type Look, reachedBy } from "./reach.ts";

const callContextRow = z.object({
  organisationId,
  deviceId: deviceIdSchema,
  door: z.string(),
  site: z.string(),
  buttons: z.array(z.object({ key: z.string(), label: z.string() })),
  openers: storedOpeners,
  members: z
    .array(z.object({ userId, name: z.string(), role, shared: z.boolean() }))
    .transform((all) => all.filter((one) => reaches(one.role, one.shared)).map(({ shared: _, ...member }) => member)),
});
export type CallContext = z.infer<typeof callContextRow>;

/**
 * A door with everything a press needs, by one request: its members are those who reach it at that moment (milliseconds).
 * Undefined for a device that belongs to no organisation.
 */
export async function callContext(db: Db, id: DeviceId, now: number): Promise<CallContext | undefined> {
  const whose = "(select organisation_id from organisations_of_devices(array[$1::uuid]))";
  const own = db.entered(`select set_config('app.organisation', ${whose}, true)`, [id]);
  const [row] = await own
    .select({
      organisationId: device.organisationId,
      deviceId: device.id,
      door: device.name,
      site: site.name,
      buttons: sql`(select coalesce(json_agg(json_build_object('key', b.key, 'label', b.label)), '[]'::json)
        from device_button b where b.device_id = ${device.id} and b.organisation_id = ${device.organisationId})`,
      openers: openersOfDevice,
      members: sql`(select coalesce(json_agg(json_build_object('userId', u.id, 'name', u.name, 'role', m.role, 'shared', ${isShared(device.id, device.siteId, now)}) order by m.created_at), '[]'::json)
        from member m join "user" u on u.id = m.user_id where m.organisation_id = ${device.organisationId})`,
    })
    .from(device)
    .innerJoin(site, ofItsSite)
    .where(eq(device.id, id));
  return row && callContextRow.parse(row);
}

const date = (moment: number | undefined) => (moment === undefined ? null : new Date(moment));

/** Who opened the door in this call, where the door confirmed it. */
function openedBy(record: CallRecord): string | null {
  for (const { what } of record.events) {
    if (what.type === "door" && (what.state === "confirmed" || what.state === "open")) return what.by;
  }
  return null;
}

/**
 * Keeps a call's record in one transaction. Keeping the same record twice changes nothing; a later one of the same call
 * may only add to its story (a door's reply that came after the end).
 */
export async function saveCall(db: OrganisationDb, record: CallRecord): Promise<void> {
  const { organisationId } = db;
  const { callId } = record;
  const row: typeof call.$inferInsert = {
    id: callId,
    organisationId,
    deviceId: record.deviceId,
    direction: record.direction,
    door: record.door,
    site: record.site,
    button: record.button ?? null,
    startedAt: new Date(record.startedAt),
    answeredAt: date(record.answeredAt),
    endedAt: new Date(record.endedAt),
    outcome: record.outcome,
    reason: record.reason,
    answeredByUserId: record.answeredBy?.userId ?? null,
    answeredByName: record.answeredBy?.name ?? null,
    placedByUserId: record.placedBy?.userId ?? null,
    placedByName: record.placedBy?.name ?? null,
    openedBy: openedBy(record),
    receivers: record.legs.filter(({ fate }) => fate === "rang" || fate === "answered" || fate === "declined").length,
  };
  const legs = record.legs.map(({ toldAt, rangAt, endedAt, ...leg }) => ({
    organisationId,
    callId,
    ...leg,
    toldAt: date(toldAt),
    rangAt: date(rangAt),
    endedAt: date(endedAt),
  }));
  const events = record.events.map(({ at, what }, line) => ({ organisationId, callId, line, at: new Date(at), what }));
  const lines = record.events.flatMap(({ at, what }) =>
    what.type === "door" ? [auditLineOf({ ...what, organisationId, deviceId: record.deviceId, callId, at })] : [],
  );
  // The first statement waits for another saving of the same call: two come one after the other. Another organisation's call
  // of that identifier is left alone: then the legs find no call of theirs, and nothing is kept.
  await db.batch([
    db.insert(call).values(row).onConflictDoNothing(),
    ...(row.openedBy ? [db.update(call).set({ openedBy: row.openedBy }).where(eq(call.id, callId))] : []),
    ...(legs.length > 0 ? [db.insert(callLeg).values(legs).onConflictDoNothing()] : []),
    ...(events.length > 0 ? [db.insert(callEvent).values(events).onConflictDoNothing()] : []),
    ...(lines.length > 0 ? [db.insert(auditLine).values(lines).onConflictDoNothing()] : []),
  ]);
}

/** One step of a command to a door's output. */
export interface DoorCommandLine {
  organisationId: OrganisationId;
  deviceId: DeviceId;
  callId?: CallId;
  commandId: CommandId;
  by: string;
  userId: UserId;
  state: DoorCommandState;
  reason?: DoorCommandReason;
  at: number;
}

const auditLineOf = (line: DoorCommandLine): typeof auditLine.$inferInsert => ({
  organisationId: line.organisationId,
  at: new Date(line.at),
  userId: line.userId,
  name: line.by,
  action: "open-door",
  deviceId: line.deviceId,
  callId: line.callId ?? null,
  commandId: line.commandId,
  state: line.state,
  reason: line.reason ?? null,
});

/** Audits a door command that belongs to no call; those of a call are kept with it. */
export async function saveDoorCommand(db: OrganisationDb, line: DoorCommandLine): Promise<void> {
  await db.insert(auditLine).values(auditLineOf(line)).onConflictDoNothing();
}

/** Notes that a call's picture was taken. */
export async function saveSnapshot(db: OrganisationDb, id: CallId, takenAt: number): Promise<void> {
  await db
    .insert(snapshot)
    .values({ callId: id, organisationId: db.organisationId, takenAt: new Date(takenAt) })
    .onConflictDoNothing();
}

type Listed = typeof call.$inferSelect & { snapshotAt: Date | null };

/** A summary, and whether there is a picture: its signed address is the caller's to make. */
export type StoredSummary = Omit<CallSummary, "snapshotUrl"> & { hasSnapshot: boolean };

/** A person as the call copied them in; nobody where there was none. */
function person(id: string | null, name: string | null): { userId: UserId; name: string } | undefined {
  return id === null || name === null ? undefined : { userId: userId.parse(id), name };
}

function summary(row: Listed): StoredSummary {
  const answeredBy = person(row.answeredByUserId, row.answeredByName);
  const placedBy = person(row.placedByUserId, row.placedByName);
  return {
    callId: callIdSchema.parse(row.id),
    deviceId: deviceIdSchema.parse(row.deviceId),
    door: row.door,
    site: row.site,
    direction: row.direction,
    outcome: row.outcome,
    reason: row.reason,
    startedAt: row.startedAt.getTime(),
    ...(row.answeredAt ? { answeredAt: row.answeredAt.getTime() } : {}),
    endedAt: row.endedAt.getTime(),
    ...(answeredBy ? { answeredBy } : {}),
    ...(placedBy ? { placedBy } : {}),
    ...(row.openedBy ? { openedBy: row.openedBy } : {}),
    receivers: row.receivers,
    hasSnapshot: row.snapshotAt !== null,
  };
}

export interface CallFilter {
  /** Where the page before ended: its last call's start (milliseconds) and identifier. */
  after?: { startedAt: number; callId: CallId };
  outcome?: CallSummary["outcome"];
  /** Only calls in which the door was opened. */
  opened?: boolean;
  /** Part of a door's, site's or person's name. */
  search?: string;
  /** Begun then or later. Milliseconds. */
  since?: number;
  /** The site's name, as it was at the call. */
  site?: string;
  answeredBy?: UserId;
  limit: number;
}

const listed = {
  id: call.id,
  organisationId: call.organisationId,
  deviceId: call.deviceId,
  direction: call.direction,
  door: call.door,
  site: call.site,
  button: call.button,
  startedAt: call.startedAt,
  answeredAt: call.answeredAt,
  endedAt: call.endedAt,
  outcome: call.outcome,
  reason: call.reason,
  answeredByUserId: call.answeredByUserId,
  answeredByName: call.answeredByName,
  placedByUserId: call.placedByUserId,
  placedByName: call.placedByName,
  openedBy: call.openedBy,
  receivers: call.receivers,
  snapshotAt: snapshot.takenAt,
};
const withSnapshot = and(eq(snapshot.callId, call.id), eq(snapshot.organisationId, call.organisationId));

/** The calls that somebody sees: at the doors they reach, and where they are there for the doors alone, their own. */
function seenBy(look: Look): SQL | undefined {
  const own = seesOthersCalls(look.role)
    ? undefined
    : or(eq(call.placedByUserId, look.userId), eq(call.answeredByUserId, look.userId));
  return and(reachedBy(call.deviceId, look), own);
}

const sighting = z.object({ role, shared: z.boolean(), own: z.boolean() });

/** Whether somebody sees this call of that door, also while it is under way, at that moment (milliseconds). */
export async function seesCall(
  db: Db,
  { callId: id, deviceId: door, userId: person }: { callId: CallId; deviceId: DeviceId; userId: UserId },
  now: number,
): Promise<boolean> {
  const house = db.entered("select set_config('app.organisation', organisation_of_calls_at($1), true)", [door]);
  const { rows } = await house.execute(sql`
    select m.role, d.released_at is null and ${isShared(sql`d.id`, sql`d.site_id`, now)} as shared,
      exists (select from call c where c.id = ${id} and ${person} in (c.placed_by_user_id, c.answered_by_user_id)) as own
      from member m join device d on d.id = ${door} where m.user_id = ${person}`);
  const found = rows[0] && sighting.parse(rows[0]);
  return found !== undefined && reaches(found.role, found.shared) && (seesOthersCalls(found.role) || found.own);
}

/** People to choose from. */
const mostPeople = 200;

/** Who answered these calls, by the name of their newest. */
async function whoAnswered(db: OrganisationDb, these: SQL | undefined) {
  const rows = await db
    .selectDistinctOn([call.answeredByUserId], { userId: call.answeredByUserId, name: call.answeredByName })
    .from(call)
    .where(and(these, isNotNull(call.answeredByUserId)))
    .orderBy(call.answeredByUserId, desc(call.startedAt))
    .limit(mostPeople);
  return z.array(z.object({ userId, name: z.string() })).parse(rows);
}

/** One page, newest first, with how many there are by the same filter, how many were missed at all, and with the first page who answered any. */
export async function callList(
  db: OrganisationDb,
  look: Look,
  filter: CallFilter,
): Promise<{ calls: StoredSummary[]; total: number; missed: number; people: { userId: UserId; name: string }[] }> {
  const own = and(eq(call.organisationId, db.organisationId), seenBy(look));
  const pattern = filter.search === undefined ? undefined : `%${filter.search.replace(/[\\%_]/g, "\\$&")}%`;
  const wanted: (SQL | undefined)[] = [
    own,
    filter.outcome === undefined ? undefined : eq(call.outcome, filter.outcome),
    filter.opened === true ? isNotNull(call.openedBy) : undefined,
    filter.since === undefined ? undefined : gte(call.startedAt, new Date(filter.since)),
    filter.site === undefined ? undefined : eq(call.site, filter.site),
    filter.answeredBy === undefined ? undefined : eq(call.answeredByUserId, filter.answeredBy),
    pattern === undefined
      ? undefined
      : or(...[call.door, call.site, call.answeredByName, call.placedByName].map((column) => ilike(column, pattern))),
  ];
  const { after } = filter;
  const onward =
    after &&
    or(
      lt(call.startedAt, new Date(after.startedAt)),
      and(eq(call.startedAt, new Date(after.startedAt)), lt(call.id, after.callId)),
    );
  const page = db.batch([
    db
      .select(listed)
      .from(call)
      .leftJoin(snapshot, withSnapshot)
      .where(and(...wanted, onward))
      .orderBy(desc(call.startedAt), desc(call.id))
      .limit(filter.limit),
    db
      .select({ n: count() })
      .from(call)
      .where(and(...wanted)),
    db
      .select({ n: count() })
      .from(call)
      .where(and(own, eq(call.outcome, "missed"))),
  ]);
  // Who asks for a later page has them already.
  const [[rows, [all], [lost]], people] = await Promise.all([page, after ? [] : whoAnswered(db, own)]);
  return { calls: rows.map(summary), total: all?.n ?? 0, missed: lost?.n ?? 0, people };
}

export type StoredDetail = Omit<CallDetail, "snapshotUrl"> & { hasSnapshot: boolean };

/** One call with its legs and time line; undefined where this organisation has no such call, or not for this person. */
export async function callDetail(db: OrganisationDb, look: Look, id: CallId): Promise<StoredDetail | undefined> {
  const { organisationId: ofOrganisation } = db;
  const [rows, legs, events] = await db.batch([
    db
      .select({ ...listed, retentionDays: organisation.retentionDays })
      .from(call)
      .innerJoin(organisation, eq(organisation.id, call.organisationId))
      .leftJoin(snapshot, withSnapshot)
      .where(and(eq(call.organisationId, ofOrganisation), eq(call.id, id), seenBy(look))),
    db
      .select()
      .from(callLeg)
      .where(and(eq(callLeg.organisationId, ofOrganisation), eq(callLeg.callId, id))),
    db
      .select()
      .from(callEvent)
      .where(and(eq(callEvent.organisationId, ofOrganisation), eq(callEvent.callId, id)))
      .orderBy(callEvent.line),
  ]);
  const [row] = rows;
  if (!row) return undefined;
  return {
    ...summary(row),
    ...(row.button ? { button: row.button } : {}),
    legs: legs.map((leg) =>
      callRecordLeg.parse({
        ...leg,
        toldAt: leg.toldAt?.getTime(),
        rangAt: leg.rangAt?.getTime(),
        endedAt: leg.endedAt?.getTime(),
      }),
    ),
    events: events.map(({ at, what }) => ({ at: at.getTime(), what })),
    ...(row.snapshotAt ? { snapshotAt: row.snapshotAt.getTime() } : {}),
    keptUntil: row.endedAt.getTime() + row.retentionDays * 86_400_000,
  };
}
