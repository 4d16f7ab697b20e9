/** The devices of a rollout, each as the table in core/firmware/rollout-device.ts has it. */
import { and, eq, inArray, isNotNull, lte, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import {
  advance,
  deviceState,
  failure,
  type RolloutDevice,
  type RolloutDeviceEvent,
} from "#core/firmware/rollout-device.ts";
import type { Up } from "#core/messages/device.ts";
import { type RolloutId, rolloutId } from "#core/messages/firmware-api.ts";
import { type CommandId, type DeviceId, deviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { device } from "../schema/device.ts";
import { rollout, rolloutDevice } from "../schema/firmware.ts";
import { asMilliseconds } from "./as-milliseconds.ts";

const storedMember = z.object({
  rolloutId,
  deviceId,
  step: z.number(),
  critical: z.boolean(),
  state: deviceState,
  failure: failure.nullable(),
  detail: z.string().nullable(),
  attempts: z.number(),
  deadline: asMilliseconds.nullable(),
  since: asMilliseconds,
});
export type StoredMember = z.infer<typeof storedMember>;

const asDate = (at: number | null) => (at === null ? null : new Date(at));
const ofOrganisation = (db: OrganisationDb) => eq(rolloutDevice.organisationId, db.organisationId);

/** Those of all rollouts that wait, or are in the middle of it. */
export async function pendingMembers(db: OrganisationDb): Promise<StoredMember[]> {
  const rows = await db
    .select()
    .from(rolloutDevice)
    .where(and(ofOrganisation(db), or(eq(rolloutDevice.state, "waits"), isNotNull(rolloutDevice.deadline))));
  return z.array(storedMember).parse(rows);
}

/** Everyone of a rollout. */
export async function membersOf(db: OrganisationDb, id: RolloutId): Promise<StoredMember[]> {
  const rows = await db
    .select()
    .from(rolloutDevice)
    .where(and(ofOrganisation(db), eq(rolloutDevice.rolloutId, id)));
  return z.array(storedMember).parse(rows);
}

/** Keeps how a device stands. False: it stands otherwise meanwhile, so that nobody is told twice. */
export async function saveMember(
  db: OrganisationDb,
  before: StoredMember,
  after: RolloutDevice,
  more: { detail?: string | undefined; commandId?: CommandId | undefined } = {},
): Promise<boolean> {
  const { state, failure, attempts } = after;
  const saved = await db
    .update(rolloutDevice)
    .set({
      ...{ state, failure, attempts, deadline: asDate(after.deadline), since: new Date(after.since) },
      ...(failure && more.detail ? { detail: more.detail } : {}),
      ...(more.commandId ? { commandId: more.commandId } : {}),
    })
    .where(
      and(
        ofOrganisation(db),
        eq(rolloutDevice.rolloutId, before.rolloutId),
        eq(rolloutDevice.deviceId, before.deviceId),
        eq(rolloutDevice.state, before.state),
        eq(rolloutDevice.attempts, before.attempts),
      ),
    )
    .returning({ id: rolloutDevice.deviceId });
  return saved.length > 0;
}

/** What is said at the same moment overtakes each other: the later one is decided again. */
const tries = 3;

async function happened(
  db: OrganisationDb,
  where: SQL | undefined,
  event: RolloutDeviceEvent,
  at: number,
  detail?: string,
): Promise<void> {
  for (let left = tries; left > 0; left--) {
    const rows = await db
      .select({ member: rolloutDevice })
      .from(rolloutDevice)
      .innerJoin(rollout, and(eq(rollout.id, rolloutDevice.rolloutId), eq(rollout.organisationId, db.organisationId)))
      .where(and(ofOrganisation(db), where));
    let overtaken = false;
    for (const { member } of rows) {
      const before = storedMember.parse(member);
      const after = advance(before, event, at);
      if (after !== before && !(await saveMember(db, before, after, { detail }))) overtaken = true;
    }
    if (!overtaken) return;
  }
}

/** It is the newest of this release that the device is in: what was rolled out again is no more the first one's business. */
const newestOfDevice = sql`not exists (
  select from rollout r join rollout_device d on d.rollout_id = r.id and d.organisation_id = r.organisation_id
   where d.device_id = ${rolloutDevice.deviceId} and r.release = ${rollout.release} and r.started_at > ${rollout.startedAt})`;

/** A device said how far it is with a release. */
export const saidProgress = (
  db: OrganisationDb,
  id: DeviceId,
  { release, phase, detail }: Up<"progress">,
  at: number,
): Promise<void> =>
  happened(
    db,
    and(
      eq(rolloutDevice.deviceId, id),
      eq(rollout.release, release),
      or(isNotNull(rolloutDevice.deadline), newestOfDevice),
    ),
    { type: "progress", phase },
    at,
    detail,
  );

/** Devices said which release they run. */
export async function saidReleases(
  db: OrganisationDb,
  said: readonly { deviceId: DeviceId; release: number }[],
  at: number,
): Promise<void> {
  if (said.length === 0) return;
  const ids = sql.param(said.map(({ deviceId: id }) => id));
  const releases = sql.param(said.map(({ release }) => release));
  const runs = sql`exists (select from unnest(${ids}::uuid[], ${releases}::int[]) runs(device, release)
    where runs.device = ${rolloutDevice.deviceId} and runs.release >= ${rollout.release})`;
  await happened(db, runs, { type: "runs" }, at);
}

/** A device acknowledged a command, that may be one by which it was told. */
export const acknowledged = (
  db: OrganisationDb,
  { commandId, result, detail }: Up<"acknowledged">,
  at: number,
): Promise<void> => happened(db, eq(rolloutDevice.commandId, commandId), { type: "acknowledged", result }, at, detail);

/** Silence has lasted until its deadline. */
export const timePassed = (db: OrganisationDb, now: number): Promise<void> =>
  happened(db, lte(rolloutDevice.deadline, new Date(now)), { type: "time-passed" }, now);

/** Devices that were given up are no longer waited for. */
export const leaveReleased = (db: OrganisationDb, now: number): Promise<void> =>
  happened(
    db,
    and(
      inArray(rolloutDevice.state, ["waits", "told", "under-way", "restarting"]),
      sql`${rolloutDevice.deviceId} in (select ${device.id} from ${device} where ${device.releasedAt} is not null)`,
    ),
    { type: "left" },
    now,
  );
