/** Claims of devices, and the device that comes of one. */
import { and, asc, desc, eq, inArray, notExists, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type Claim, claimFailure, claimState } from "#core/device/claim.ts";
import type { Model } from "#core/device/models.ts";
import { type ClaimId, claimId } from "#core/messages/claiming.ts";
import { type DeviceId, deviceId, organisationId } from "#core/messages/values.ts";
import type { Db, OrganisationDb } from "../client.ts";
import { claim } from "../schema/claim.ts";
import { device } from "../schema/device.ts";
import { factoryIdentity } from "../schema/identity.ts";
import { site } from "../schema/organisation.ts";
import { asMilliseconds } from "./as-milliseconds.ts";
import { audited } from "./changing.ts";
import { shareWithClaimer } from "./shares.ts";

const storedClaim = z.object({
  id: claimId,
  deviceId,
  userId: z.string(),
  who: z.string(),
  name: z.string(),
  siteId: z.uuid().nullable(),
  state: claimState,
  reason: claimFailure.nullable(),
  acceptedAt: asMilliseconds,
  expiresAt: asMilliseconds,
  presentAt: asMilliseconds.nullable(),
  enrolledAt: asMilliseconds.nullable(),
  configuredAt: asMilliseconds.nullable(),
  registeredAt: asMilliseconds.nullable(),
  readyAt: asMilliseconds.nullable(),
  failedAt: asMilliseconds.nullable(),
});
export type StoredClaim = z.infer<typeof storedClaim>;

const asDate = (at: number | null) => (at === null ? null : new Date(at));
const columnsOf = (stands: Claim) => ({
  state: stands.state,
  reason: stands.reason,
  acceptedAt: new Date(stands.acceptedAt),
  expiresAt: new Date(stands.expiresAt),
  presentAt: asDate(stands.presentAt),
  enrolledAt: asDate(stands.enrolledAt),
  configuredAt: asDate(stands.configuredAt),
  registeredAt: asDate(stands.registeredAt),
  readyAt: asDate(stands.readyAt),
  failedAt: asDate(stands.failedAt),
});

export interface NewClaim {
  deviceId: DeviceId;
  userId: string;
  who: string;
  name: string;
  siteId?: string | undefined;
  stands: Claim;
}

/** Opens a claim. Where the organisation waits for the device already, that claim goes on. */
export async function openClaim(db: OrganisationDb, { stands, ...about }: NewClaim): Promise<StoredClaim | undefined> {
  const { organisationId } = db;
  await db
    .insert(claim)
    .values({ id: crypto.randomUUID(), organisationId, ...about, ...columnsOf(stands) })
    .onConflictDoNothing();
  return newestClaim(db, about.deviceId);
}

export async function newestClaim(db: OrganisationDb, ofDevice: DeviceId): Promise<StoredClaim | undefined> {
  const [row] = await db
    .select()
    .from(claim)
    .where(and(eq(claim.organisationId, db.organisationId), eq(claim.deviceId, ofDevice)))
    .orderBy(desc(claim.acceptedAt))
    .limit(1);
  return row && storedClaim.parse(row);
}

export async function claimById(db: OrganisationDb, id: ClaimId): Promise<StoredClaim | undefined> {
  const [row] = await db
    .select()
    .from(claim)
    .where(and(eq(claim.organisationId, db.organisationId), eq(claim.id, id)));
  return row && storedClaim.parse(row);
}

/** Keeps how a claim stands. @returns false where it stands no longer as `before` */
export async function saveClaim(db: OrganisationDb, before: StoredClaim, stands: Claim): Promise<boolean> {
  const unchanged = [
    eq(claim.state, before.state),
    sql`${claim.registeredAt} is not distinct from ${asDate(before.registeredAt)?.toISOString() ?? null}`,
  ];
  const saved = await db
    .update(claim)
    .set(columnsOf(stands))
    .where(and(eq(claim.organisationId, db.organisationId), eq(claim.id, before.id), ...unchanged))
    .returning({ id: claim.id });
  return saved.length > 0;
}

const waitingRow = z.object({
  id: claimId,
  organisation_id: organisationId,
  accepted_at: z.coerce.date(),
  expires_at: z.coerce.date(),
});

/** Every organisation's claim that waits for this device. */
export async function claimsWaitingFor(db: Db, ofDevice: DeviceId) {
  const { rows } = await db.execute(sql`select * from claims_waiting_for(${ofDevice})`);
  return z
    .array(waitingRow)
    .parse(rows)
    .map((row) => ({
      id: row.id,
      organisationId: row.organisation_id,
      acceptedAt: row.accepted_at.getTime(),
      expiresAt: row.expires_at.getTime(),
    }));
}

/** Where a device goes that was given no site: the first that is not the virtual station's, or one named as the organisation. */
export async function siteFor(db: OrganisationDb, wished: string | null): Promise<string> {
  const { organisationId: ours } = db;
  const virtual = db
    .select({ one: sql`1` })
    .from(device)
    .where(and(eq(device.siteId, site.id), eq(device.virtual, true)));
  const sites = await db
    .select({ id: site.id })
    .from(site)
    .where(and(eq(site.organisationId, ours), notExists(virtual)))
    .orderBy(asc(site.name));
  const known = sites.find(({ id }) => id === wished) ?? sites[0];
  if (known) return known.id;
  const id = crypto.randomUUID();
  await db.execute(sql`
    insert into site (id, organisation_id, name) select ${id}, id, name from organisation where id = ${ours}`);
  return id;
}

/** Postgres refused because another claim of the device is past waiting. */
const isTaken = (error: unknown): boolean => {
  const cause = error instanceof Error && error.cause instanceof Object ? error.cause : error;
  return cause instanceof Object && "constraint" in cause && cause.constraint === "claim_one_holder";
};

type Fitted = Pick<Model, "buttons" | "outputs">;

/** The device of a claim that is past waiting, with its buttons and outputs. Nothing where its identity is another's. */
export function deviceOf(
  { organisationId: ours }: OrganisationDb,
  { id, deviceId: taken, name, userId, who }: Pick<StoredClaim, "id" | "deviceId" | "name" | "userId" | "who">,
  { siteId, at, model }: { siteId: string; at: string; model: Fitted },
): SQL[] {
  const isOurs = sql`exists (select from claim where id = ${id} and state <> 'waiting' and state <> 'failed')`;
  const buttons = model.buttons === "screen" ? 1 : model.buttons;
  const numbered = (count: number) => sql`generate_series(1, ${count}::int) n`;
  return [
    sql`insert into device (id, organisation_id, site_id, name, model, revision, serial, claimed_at, claimed_by, claimed_by_name)
      select id, ${ours}, ${siteId}, ${name}, model, revision, serial, ${at}, ${userId}, ${who}
        from factory_identity where id = ${taken} and holder_id = ${ours} and ${isOurs}
      on conflict do nothing`,
    sql`insert into device_button (organisation_id, device_id, key, label)
      select ${ours}, ${taken}, case n when 1 then 'bell' else 'bell-' || n end, case n when 1 then 'Bell' else 'Bell ' || n end
        from ${numbered(buttons)} where ${isOurs}
      on conflict do nothing`,
    sql`insert into door_output (organisation_id, device_id, number, name, pulse)
      select ${ours}, ${taken}, n, case n when 1 then 'Door' else 'Output ' || n end, 6000
        from ${numbered(model.outputs)} where ${isOurs}
      on conflict do nothing`,
  ];
}

/**
 * Gives the device to the claim's organisation: claim, holder, the device with its buttons and outputs, and the audit's line,
 * in one transaction.
 * @returns false where another's claim was first
 */
export async function takeDevice(
  db: OrganisationDb,
  before: StoredClaim,
  stands: Claim,
  model: Fitted,
): Promise<boolean> {
  const { organisationId: ours } = db;
  const { id, deviceId: taken } = before;
  const siteId = await siteFor(db, before.siteId);
  const at = new Date(stands.presentAt ?? stands.acceptedAt).toISOString();
  try {
    await db.batch([
      db
        .update(claim)
        .set(columnsOf(stands))
        .where(and(eq(claim.organisationId, ours), eq(claim.id, id), eq(claim.state, "waiting"))),
      db.execute(sql`
        with done as (
          update factory_identity set holder_id = ${ours}, code_used_at = ${at}, pressed_at = null
           where id = ${taken} and holder_id is null
             and exists (select from claim where id = ${id} and state <> 'waiting' and state <> 'failed')
          returning id as subject, null::jsonb as before, to_jsonb(${before.name}::text) as after
        ) ${audited(db, { userId: before.userId, name: before.who }, "claim-device", Date.parse(at))}`),
      ...deviceOf(db, before, { siteId, at, model }).map((one) => db.execute(one)),
      db.execute(shareWithClaimer(db, { ...before, at })),
    ]);
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
  const [holder] = await db
    .select({ holderId: factoryIdentity.holderId })
    .from(factoryIdentity)
    .where(eq(factoryIdentity.id, taken));
  return holder?.holderId === ours;
}

const isUnderWay = (db: OrganisationDb) =>
  and(eq(claim.organisationId, db.organisationId), inArray(claim.state, ["present", "enrolled", "configured"]));

/** The claim of the organisation's device that is not at its end yet. */
export async function claimUnderWay(db: OrganisationDb, ofDevice: DeviceId): Promise<StoredClaim | undefined> {
  const [row] = await db
    .select()
    .from(claim)
    .where(and(isUnderWay(db), eq(claim.deviceId, ofDevice)))
    .limit(1);
  return row && storedClaim.parse(row);
}

/** Those of these devices that a claim is under way of. */
export async function devicesBeingClaimed(db: OrganisationDb, devices: readonly DeviceId[]): Promise<DeviceId[]> {
  const rows = await db
    .selectDistinct({ id: claim.deviceId })
    .from(claim)
    .where(and(isUnderWay(db), inArray(claim.deviceId, [...devices])));
  return z
    .array(z.object({ id: deviceId }))
    .parse(rows)
    .map(({ id }) => id);
}
