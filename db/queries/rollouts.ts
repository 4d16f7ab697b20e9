/** Rollouts of an organisation: begun, looked at, moved on. */
import { and, desc, eq, notInArray, sql } from "drizzle-orm";
import { z } from "zod";
import { hardwareRevision } from "#core/device/revision.ts";
import { nobody, type Rollout, rolloutState, stopReason, type Tally } from "#core/firmware/rollout.ts";
import { waiting } from "#core/firmware/rollout-device.ts";
import { type RolloutId, rolloutId } from "#core/messages/firmware-api.ts";
import { type DeviceId, type OrganisationId, organisationId } from "#core/messages/values.ts";
import type { Db, OrganisationDb } from "../client.ts";
import { change } from "../schema/change.ts";
import { rollout, rolloutDevice } from "../schema/firmware.ts";
import { refusedWith } from "../sql-state.ts";
import { asMilliseconds } from "./as-milliseconds.ts";
import { audited, time } from "./changing.ts";
import type { Author } from "./configuration.ts";

const storedRollout = z.object({
  id: rolloutId,
  model: z.string(),
  revision: hardwareRevision,
  release: z.number(),
  critical: z.boolean(),
  note: z.string().nullable(),
  state: rolloutState,
  reason: stopReason.nullable(),
  steps: z.array(z.number()),
  step: z.number(),
  stepSince: asMilliseconds,
  approval: z.boolean(),
  back: rolloutId.nullable(),
  userId: z.string().nullable(),
  name: z.string().nullable(),
  startedAt: asMilliseconds,
  changedAt: asMilliseconds,
});
export type StoredRollout = z.infer<typeof storedRollout>;

const ofOrganisation = (db: OrganisationDb) => eq(rollout.organisationId, db.organisationId);
const over = ["stopped", "replaced"] as const;

/** Those that go on or wait for somebody, and then the others, the newest first. */
export async function rolloutRows(db: OrganisationDb, limit: number): Promise<StoredRollout[]> {
  const goesOn = sql`${rollout.state} in ('running', 'awaits-approval', 'paused')`;
  const rows = await db
    .select()
    .from(rollout)
    .where(ofOrganisation(db))
    .orderBy(desc(goesOn), desc(rollout.startedAt))
    .limit(limit);
  return z.array(storedRollout).parse(rows);
}

export async function rolloutById(db: OrganisationDb, id: RolloutId): Promise<StoredRollout | undefined> {
  const [row] = await db
    .select()
    .from(rollout)
    .where(and(ofOrganisation(db), eq(rollout.id, id)));
  return row && storedRollout.parse(row);
}

/** Those that devices may be told of, or that one of these devices is still in the middle of. */
export async function rolloutsUnderWay(db: OrganisationDb): Promise<StoredRollout[]> {
  const rows = await db
    .select()
    .from(rollout)
    .where(
      and(
        ofOrganisation(db),
        sql`(${rollout.state} not in ('stopped', 'replaced') or exists (
          select from rollout_device d where d.rollout_id = ${rollout.id} and d.deadline is not null))`,
      ),
    );
  return z.array(storedRollout).parse(rows);
}

/** The newest rollout of a release, whatever became of it. */
export async function rolloutOf(
  db: OrganisationDb,
  { model, revision, number }: { model: string; revision: string; number: number },
): Promise<StoredRollout | undefined> {
  const [row] = await db
    .select()
    .from(rollout)
    .where(
      and(ofOrganisation(db), eq(rollout.model, model), eq(rollout.revision, revision), eq(rollout.release, number)),
    )
    .orderBy(desc(rollout.startedAt))
    .limit(1);
  return row && storedRollout.parse(row);
}

const tallied = z.object({
  rollout_id: rolloutId,
  step: z.number(),
  waits: z.coerce.number(),
  under_way: z.coerce.number(),
  healthy: z.coerce.number(),
  failed: z.coerce.number(),
  ended_at: z.coerce.date().nullable(),
});

/** How the devices of each are, step by step. */
export async function talliesOf(
  db: OrganisationDb,
  rollouts: readonly StoredRollout[],
): Promise<Map<RolloutId, Tally[]>> {
  const tallies = new Map(rollouts.map(({ id, steps }) => [id, steps.map(() => nobody)]));
  if (rollouts.length === 0) return tallies;
  const count = (...states: string[]) =>
    sql`count(*) filter (where state in (${sql.join(
      states.map((state) => sql`${state}`),
      sql`, `,
    )}))`;
  const { rows } = await db.execute(sql`
    select rollout_id, step, ${count("waits")} as waits, ${count("told", "under-way", "restarting")} as under_way,
        ${count("healthy")} as healthy, ${count("failed")} as failed,
        max(since) filter (where state in ('healthy', 'failed')) as ended_at
      from rollout_device
     where rollout_id in (${sql.join(
       rollouts.map(({ id }) => sql`${id}::uuid`),
       sql`, `,
     )})
     group by rollout_id, step`);
  for (const row of z.array(tallied).parse(rows)) {
    const { waits, under_way: underWay, healthy, failed, ended_at: endedAt } = row;
    const own = tallies.get(row.rollout_id);
    if (own) own[row.step] = { waits, underWay, healthy, failed, endedAt: endedAt?.getTime() ?? null };
  }
  return tallies;
}

export interface NewMember {
  deviceId: DeviceId;
  step: number;
  critical: boolean;
}

export interface Beginning {
  plate: { model: string; revision: string };
  release: { number: number; critical: boolean; note?: string | undefined };
  stands: Rollout;
  members: readonly NewMember[];
  /** Absent: by itself. */
  by?: Author | undefined;
  back?: RolloutId | undefined;
}

const rowsOf = (db: OrganisationDb, id: RolloutId, members: readonly NewMember[], at: Date) =>
  members.map((member) => ({
    ...{ organisationId: db.organisationId, rolloutId: id, ...member },
    ...waiting(at.getTime()),
    since: at,
    deadline: null,
  }));

/** As many rows as one statement takes with ease. */
const portion = 1000;

/** Begins a rollout, in the place of one that is open for the same hardware. Undefined: somebody else was faster. */
export async function beginRollout(db: OrganisationDb, beginning: Beginning): Promise<RolloutId | undefined> {
  const { organisationId } = db;
  const { plate, release, stands, members, by, back } = beginning;
  const id = rolloutId.parse(crypto.randomUUID());
  const at = new Date(stands.stepSince);
  const rows = rowsOf(db, id, members, at);
  const portions = Array.from({ length: Math.ceil(rows.length / portion) }, (_, n) =>
    rows.slice(n * portion, (n + 1) * portion),
  );
  const who = { userId: by?.userId ?? null, name: by?.name ?? null };
  const { state, reason, steps, step, approval } = stands;
  try {
    await db.batch([
      db
        .update(rollout)
        .set({ state: "replaced", changedAt: at })
        .where(
          and(
            ofOrganisation(db),
            eq(rollout.model, plate.model),
            eq(rollout.revision, plate.revision),
            notInArray(rollout.state, [...over]),
          ),
        ),
      db.insert(rollout).values({
        ...{ id, organisationId, ...plate, ...who, approval, state, reason, step },
        ...{ release: release.number, critical: release.critical, note: release.note ?? null },
        ...{ steps: [...steps], stepSince: at, back: back ?? null, startedAt: at, changedAt: at },
      }),
      ...portions.map((some) => db.insert(rolloutDevice).values(some)),
      db.insert(change).values({
        ...{ organisationId, at, ...who, subject: id },
        action: back ? "go-back" : "begin-rollout",
        after: { ...plate, release: release.number, devices: members.length },
      }),
    ]);
    return id;
  } catch (error) {
    // Another is open for this hardware: unique_violation.
    if (refusedWith(error, "23505")) return undefined;
    throw error;
  }
}

/** Devices that came later go with the last step. */
export async function joinRollout(
  db: OrganisationDb,
  { id }: StoredRollout,
  members: readonly NewMember[],
  at: Date,
): Promise<void> {
  for (let n = 0; n < members.length; n += portion)
    await db
      .insert(rolloutDevice)
      .values(rowsOf(db, id, members.slice(n, n + portion), at))
      .onConflictDoNothing();
}

/** Keeps how a rollout stands, and writes who moved it, or that it moved itself. False: it was moved meanwhile. */
export async function saveRollout(
  db: OrganisationDb,
  before: StoredRollout,
  after: Rollout,
  action: string,
  by: Author | undefined,
  now: number,
): Promise<boolean> {
  const { state, reason, step } = after;
  const line = ({ state, step, reason }: Rollout) => JSON.stringify({ state, step, reason: reason ?? undefined });
  const { rowCount } = await db.execute(sql`
    with done as (
      update rollout set state = ${state}, reason = ${reason}, step = ${step}, step_since = ${time(after.stepSince)},
          changed_at = ${time(now)}
       where id = ${before.id} and organisation_id = ${db.organisationId}
         and state = ${before.state} and step = ${before.step} and changed_at = ${time(before.changedAt)}
       returning id as subject, ${line(before)}::jsonb as before, ${line(after)}::jsonb as after
    ) ${audited(db, by, action, now)}`);
  return rowCount > 0;
}

/** The organisations where a rollout is to be moved on at that moment (milliseconds). */
export async function withRollouts(db: Db, now: number): Promise<OrganisationId[]> {
  const { rows } = await db.execute(sql`select organisations_with_rollouts(${new Date(now).toISOString()}) as id`);
  return rows.map(({ id }) => organisationId.parse(id));
}

/** The organisations with devices of that kind that run an older release. */
export async function belowRelease(
  db: Db,
  { model, revision, number }: { model: string; revision: string; number: number },
): Promise<OrganisationId[]> {
  const { rows } = await db.execute(sql`select organisations_below_release(${model}, ${revision}, ${number}) as id`);
  return rows.map(({ id }) => organisationId.parse(id));
}
