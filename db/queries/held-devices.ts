/** Devices that an organisation holds: revoking one, letting it in again, giving it up. Each with its line of the audit, or not at all. */
import { and, eq, isNotNull, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { device } from "../schema/device.ts";
import { factoryIdentity } from "../schema/identity.ts";
import { revoking } from "./certificates.ts";
import { audited } from "./changing.ts";
import type { Author } from "./configuration.ts";

const ownDevice = z.object({ id: deviceId, name: z.string(), virtual: z.boolean() });

/** A device that is the organisation's now. */
export async function heldDevice(db: OrganisationDb, id: DeviceId) {
  const [row] = await db
    .select({ id: device.id, name: device.name, virtual: device.virtual })
    .from(device)
    .where(and(eq(device.organisationId, db.organisationId), eq(device.id, id), sql`${device.releasedAt} is null`));
  return row && ownDevice.parse(row);
}

const identityHeld = (db: OrganisationDb, id: DeviceId) =>
  and(eq(factoryIdentity.id, id), eq(factoryIdentity.holderId, db.organisationId));

const serials = (rows: { serial: string }[]): string[] => rows.map(({ serial }) => serial);

/**
 * Takes a device's certificates away and refuses it every further one, until it is allowed again or released.
 * @returns the certificates that died by this; nothing: it is not this organisation's
 */
export async function revokeDevice(
  db: OrganisationDb,
  by: Author,
  id: DeviceId,
  now: number,
): Promise<string[] | undefined> {
  const held = sql`from device where id = ${id} and released_at is null`;
  // Blocked first: whoever is certified at this moment is waited for, and then found.
  const [, dead, { rowCount }] = await db.batch([
    db
      .update(factoryIdentity)
      .set({ blockedAt: new Date(now) })
      .where(identityHeld(db, id)),
    revoking(db, id, "key-compromise", now, sql`exists (select ${held})`),
    db.execute(sql`
      with done as (select id as subject, to_jsonb(name) as before, null::jsonb as after ${held})
      ${audited(db, by, "revoke-device", now)}`),
    db.execute(sql`${claimEnds(id, now)} and exists (select ${held})`),
  ]);
  return rowCount > 0 ? serials(dead) : undefined;
}

/** Lets a blocked device enrol again. @returns whether it was blocked */
export async function allowDevice(db: OrganisationDb, by: Author, id: DeviceId, now: number): Promise<boolean> {
  const allowed = db
    .update(factoryIdentity)
    .set({ blockedAt: null })
    .where(and(identityHeld(db, id), isNotNull(factoryIdentity.blockedAt)))
    .returning({ id: factoryIdentity.id });
  const { rowCount } = await db.execute(sql`
    with allowed as ${allowed},
    done as (
      select id as subject, null::jsonb as before, to_jsonb(device.name) as after from allowed join device using (id)
    ) ${audited(db, by, "allow-device", now)}`);
  return rowCount > 0;
}

/** A claim that is under way leads nowhere any more. */
const claimEnds = (id: DeviceId, now: number): SQL => sql`
  update claim set state = 'failed', reason = 'given-up', failed_at = ${new Date(now).toISOString()}
  where device_id = ${id} and state in ('waiting', 'present', 'enrolled', 'configured')`;

/** A device's identity has left under this other id. */
export const hasLeft = (next: DeviceId): SQL => sql`exists (select from factory_identity where id = ${next})`;

/**
 * What becomes of a device that goes: its history stays, and nothing of it is anybody's any more: no share, no offer, no
 * camera's secret, no claim. Nothing happens unless its identity has left under this other id.
 */
export function left(id: DeviceId, next: DeviceId, now: number): SQL[] {
  const at = new Date(now).toISOString();
  return [
    sql`update device set released_at = ${at} where id = ${id} and ${hasLeft(next)}`,
    sql`update device_configuration set sealed_credentials = '{}' where device_id = ${id} and ${hasLeft(next)}`,
    sql`delete from share where device_id = ${id} and ${hasLeft(next)}`,
    sql`delete from device_transfer where device_id = ${id} and ${hasLeft(next)}`,
    sql`${claimEnds(id, now)} and ${hasLeft(next)}`,
  ];
}

/**
 * Gives a device up: its certificates die, and its identity goes on under another id and with a fresh code, so that the next
 * owner's history is theirs alone. @returns the certificates that died by this; nothing: it is not this organisation's
 */
export async function releaseDevice(
  db: OrganisationDb,
  by: Author,
  id: DeviceId,
  codeHmac: string,
  now: number,
): Promise<string[] | undefined> {
  const next = deviceId.parse(crypto.randomUUID());
  const fresh = { codeHmac, codeUsedAt: null, pressedAt: null, blockedAt: null, lastSeenAt: null };
  const [, dead, { rowCount }] = await db.batch([
    db
      .update(factoryIdentity)
      .set({ id: next, holderId: null, ...fresh })
      .where(identityHeld(db, id)),
    revoking(db, id, "cessation-of-operation", now, hasLeft(next)),
    db.execute(sql`
      with done as (
        select id as subject, to_jsonb(name) as before, null::jsonb as after from device where id = ${id} and ${hasLeft(next)}
      ) ${audited(db, by, "release-device", now)}`),
    ...left(id, next, now).map((one) => db.execute(one)),
  ]);
  return rowCount > 0 ? serials(dead) : undefined;
}
