/** Handing a device on to another organisation: offered there, and theirs once they take it. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Model } from "#core/device/models.ts";
import { type ClaimId, claimId } from "#core/messages/claiming.ts";
import { type DeviceId, deviceId, moment, organisationId } from "#core/messages/values.ts";
import { type Db, entering, type OrganisationDb, organisationDb } from "../client.ts";
import { revoking } from "./certificates.ts";
import { type Actor, audited, inTurn, milliseconds, stillIs, time } from "./changing.ts";
import { deviceOf, siteFor } from "./claims.ts";
import { hasLeft, left } from "./held-devices.ts";

/** Milliseconds. */
export const transferLife = 7 * 86_400_000;

export interface NewTransfer {
  deviceId: DeviceId;
  /** Lower case. Without: whoever has the code may take it. */
  email?: string | undefined;
  codeHmac: string;
}

/**
 * Offers a device; an earlier offer of it holds no more. False: there is no such device, it never saw a factory, or it is not
 * for `by` to give.
 */
export function offerDevice(db: OrganisationDb, by: Actor, offered: NewTransfer, now: number): Promise<boolean> {
  const { deviceId: id, email = null, codeHmac } = offered;
  return inTurn(
    db,
    sql`with given as (
        insert into device_transfer (id, organisation_id, device_id, email, code_hmac, offered_by, offered_by_name, created_at, expires_at)
        select ${crypto.randomUUID()}::uuid, ${db.organisationId}, d.id, ${email}, ${codeHmac}, ${by.userId}, ${by.name}, ${time(now)}, ${time(now + transferLife)}
          from device d join factory_identity f on f.id = d.id and f.holder_id = d.organisation_id
         where d.id = ${id} and d.released_at is null and ${stillIs(by)}
        on conflict on constraint device_transfer_once do update set id = excluded.id, email = excluded.email,
          code_hmac = excluded.code_hmac, offered_by = excluded.offered_by, offered_by_name = excluded.offered_by_name,
          created_at = excluded.created_at, expires_at = excluded.expires_at
        returning device_id, email
      ),
      done as (
        select device_id as subject, null::jsonb as before, jsonb_build_object('email', email) as after from given
      ) ${audited(db, by, "offer-device", now)}`,
  );
}

/** False: it is not offered, or it is not for `by` to say. */
export function withdrawDevice(db: OrganisationDb, by: Actor, id: DeviceId, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with done as (
        delete from device_transfer where device_id = ${id} and ${stillIs(by)}
        returning device_id as subject, jsonb_build_object('email', email) as before, null::jsonb as after
      ) ${audited(db, by, "withdraw-device", now)}`,
  );
}

const shown = z.object({ email: z.string().optional(), by: z.string(), expiresAt: moment });

/** The offer of a device that holds at that moment (milliseconds). */
export async function offerOfDevice(db: OrganisationDb, id: DeviceId, now: number) {
  const { rows } = await db.execute(sql`
    select json_strip_nulls(json_build_object('email', email, 'by', offered_by_name, 'expiresAt', ${milliseconds(sql`expires_at`)})) as offer
      from device_transfer where device_id = ${id} and expires_at > ${time(now)}`);
  return rows[0] && shown.parse(rows[0].offer);
}

const transfer = z
  .object({
    id: z.uuid(),
    organisation_id: organisationId,
    organisation_name: z.string(),
    device_id: deviceId,
    device_name: z.string(),
    model: z.string(),
    serial: z.string(),
    email: z.string().nullable(),
    offered_by_name: z.string(),
  })
  .transform((row) => ({
    id: row.id,
    from: row.organisation_id,
    organisation: row.organisation_name,
    deviceId: row.device_id,
    name: row.device_name,
    model: row.model,
    serial: row.serial,
    email: row.email,
    by: row.offered_by_name,
  }));
export type Transfer = z.infer<typeof transfer>;

/** What is offered to whoever has its code; nothing if it is offered no more. */
export async function transferByCode(db: Db, codeHmac: string, now: number): Promise<Transfer | undefined> {
  const asked = sql`select * from device_transfer_by_code(${codeHmac}, ${new Date(now).toISOString()})`;
  const { rows } = await db.execute(asked);
  return rows[0] && transfer.parse(rows[0]);
}

type Person = Pick<Actor, "userId" | "name">;

/** Refuses an offer. False: it is offered no more. */
export function refuseDevice(db: OrganisationDb, { id }: Transfer, by: Person, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with done as (
        delete from device_transfer where id = ${id}::uuid
        returning device_id as subject, jsonb_build_object('email', email) as before, null::jsonb as after
      ) ${audited(db, by, "refuse-device", now)}`,
  );
}

export interface Receiver {
  db: OrganisationDb;
  organisation: string;
  by: Person;
  /** What the device is to be called, and where it is to stand. */
  name: string;
  siteId: string | undefined;
}

export interface Taken {
  deviceId: DeviceId;
  claimId: ClaimId;
  /** Certificates that died by this. */
  revoked: string[];
}

/**
 * Takes an offered device, in one transaction that speaks for the one organisation and then for the other: it leaves the one
 * as a released device does, and is the other's under a new id, as if somebody had just claimed it there.
 * @returns nothing if it is offered no more
 */
export async function takeOffered(
  db: Db,
  { id, from, organisation, deviceId: old }: Transfer,
  to: Receiver,
  model: Pick<Model, "buttons" | "outputs">,
  now: number,
): Promise<Taken | undefined> {
  const giver = organisationDb(db, from);
  const at = new Date(now).toISOString();
  const next = deviceId.parse(crypto.randomUUID());
  const claim = {
    id: claimId.parse(crypto.randomUUID()),
    deviceId: next,
    name: to.name,
    userId: to.by.userId,
    who: to.by.name,
  };
  const isHere = hasLeft(next);
  const siteId = await siteFor(to.db, to.siteId ?? null);
  const given = sql`
    with open as (
      select t.device_id, d.name from device_transfer t join device d on d.id = t.device_id
       where t.id = ${id}::uuid and t.expires_at > ${time(now)} and d.released_at is null
    ),
    moved as (
      update factory_identity f set id = ${next}, holder_id = ${to.db.organisationId}, code_used_at = ${at},
          pressed_at = null, blocked_at = null, last_seen_at = null
        from open where f.id = open.device_id and f.holder_id = ${from}
      returning open.device_id, open.name
    ),
    done as (
      select device_id as subject, jsonb_build_object('name', name) as before,
        jsonb_build_object('organisation', ${to.organisation}::text) as after from moved
    ) ${audited(giver, to.by, "give-device", now)}`;
  const received = sql`
    insert into claim (id, organisation_id, device_id, user_id, who, name, state, accepted_at, expires_at, present_at)
    select ${claim.id}, ${to.db.organisationId}, ${next}, ${claim.userId}, ${claim.who}, ${claim.name}, 'present', ${at}, ${at}, ${at}
     where ${isHere}`;
  const noted = sql`
    with done as (
      select ${next} as subject, null::jsonb as before,
        jsonb_build_object('name', ${claim.name}::text, 'organisation', ${organisation}::text) as after where ${isHere}
    ) ${audited(to.db, to.by, "receive-device", now)}`;
  const [{ rowCount }, revoked] = await giver.batch([
    giver.execute(given),
    revoking(giver, old, "cessation-of-operation", now, isHere),
    ...[
      ...left(old, next, now),
      entering(to.db.organisationId),
      received,
      ...deviceOf(to.db, claim, { siteId, at, model }),
      noted,
    ].map((one) => giver.execute(one)),
  ]);
  if (rowCount === 0) return undefined;
  return {
    deviceId: next,
    claimId: claim.id,
    revoked: revoked.map(({ serial }) => serial),
  };
}
