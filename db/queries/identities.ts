/** Makers, and the identities their devices left the factory with. Platform tables: no organisation is asked for. */
import { and, eq, isNull, lt, or, sql } from "drizzle-orm";
import { z } from "zod";
import { hardwareRevision } from "#core/device/revision.ts";
import { type DeviceId, deviceId, type OrganisationId, organisationId } from "#core/messages/values.ts";
import type { Db } from "../client.ts";
import { factoryIdentity, maker } from "../schema/identity.ts";

const storedIdentity = z.object({
  id: deviceId,
  makerId: z.string(),
  serial: z.string(),
  model: z.string(),
  revision: hardwareRevision,
  codeUsedAt: z.date().nullable(),
  holderId: organisationId.nullable(),
  pressedAt: z.date().nullable(),
  lastSeenAt: z.date().nullable(),
  blockedAt: z.date().nullable(),
});
export type StoredIdentity = z.infer<typeof storedIdentity>;

/** Whatever names one: a code, a device, or a maker's number. */
type Named = { codeHmac: string } | { id: DeviceId } | { makerId: string; serial: string };

function named(by: Named) {
  if ("codeHmac" in by) return eq(factoryIdentity.codeHmac, by.codeHmac);
  if ("id" in by) return eq(factoryIdentity.id, by.id);
  return and(eq(factoryIdentity.makerId, by.makerId), eq(factoryIdentity.serial, by.serial));
}

export async function identityNamed(db: Db, by: Named): Promise<StoredIdentity | undefined> {
  const [row] = await db.select().from(factoryIdentity).where(named(by)).limit(1);
  return row && storedIdentity.parse(row);
}

export type StoredMaker = typeof maker.$inferSelect;

/** Few, and asked for rarely. */
export function allMakers(db: Db): Promise<StoredMaker[]> {
  return db.select().from(maker);
}

export type NewIdentity = typeof factoryIdentity.$inferInsert;

/**
 * Takes a device in. Said twice it is one; a number that is known with another code is left as it was.
 * @returns the id of the device of that number, and whether this delivery is the one that stands
 */
export async function takeIdentity(db: Db, given: NewIdentity): Promise<{ id: DeviceId; stands: boolean } | undefined> {
  await db.insert(factoryIdentity).values(given).onConflictDoNothing();
  const [row] = await db
    .select({ id: factoryIdentity.id, codeHmac: factoryIdentity.codeHmac })
    .from(factoryIdentity)
    .where(named({ makerId: given.makerId, serial: given.serial }));
  return row && { id: deviceId.parse(row.id), stands: row.codeHmac === given.codeHmac };
}

/** Notes that the device asks for its enrolment; written once in `every` milliseconds at most, since it asks often. */
export async function noteSeen(db: Db, id: DeviceId, now: number, every = 15_000): Promise<void> {
  const stale = or(isNull(factoryIdentity.lastSeenAt), lt(factoryIdentity.lastSeenAt, new Date(now - every)));
  await db
    .update(factoryIdentity)
    .set({ lastSeenAt: new Date(now) })
    .where(and(eq(factoryIdentity.id, id), stale));
}

/** Somebody pressed at the device. Means nothing once it has a holder. */
export async function notePress(db: Db, id: DeviceId, now: number): Promise<void> {
  await db
    .update(factoryIdentity)
    .set({ pressedAt: new Date(now), lastSeenAt: new Date(now) })
    .where(and(eq(factoryIdentity.id, id), isNull(factoryIdentity.holderId)));
}

/** A press that decided nothing is over. */
export async function forgetPress(db: Db, id: DeviceId): Promise<void> {
  await db.update(factoryIdentity).set({ pressedAt: null }).where(eq(factoryIdentity.id, id));
}

const held = z.object({ device: deviceId, holder: organisationId });

/** Whose devices are by their own rows: also virtual stations, which never saw a factory. Not there: nobody's, any more or yet. */
export async function holdersOf(db: Db, ids: readonly DeviceId[]): Promise<Map<DeviceId, OrganisationId>> {
  const { rows } = await db.execute(
    sql`select device_id as device, organisation_id as holder from organisations_of_devices(${sql.param([...ids])}::uuid[])`,
  );
  return new Map(
    z
      .array(held)
      .parse(rows)
      .map(({ device, holder }) => [device, holder]),
  );
}

export const holderOf = async (db: Db, id: DeviceId): Promise<OrganisationId | undefined> =>
  (await holdersOf(db, [id])).get(id);
