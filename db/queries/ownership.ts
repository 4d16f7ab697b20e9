/** Handing an organisation on: its owner offers a member their own place, and stays as administrator once it is taken. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { moment, type UserId, userId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { type Actor, audited, inTurn, milliseconds, stillIs, time } from "./changing.ts";
import { remember } from "./invitations.ts";

/** Milliseconds. */
export const offerLife = 7 * 86_400_000;

const who = z.object({ userId, name: z.string() });
const storedOffer = z.object({ offerId: z.uuid(), by: who, to: who, expiresAt: moment });
export type StoredOffer = z.infer<typeof storedOffer>;

/** The offers that somebody made or was made, and that hold. */
export async function ownershipOffers(db: OrganisationDb, of: UserId, now: number): Promise<StoredOffer[]> {
  const person = (name: "b" | "t") => sql.raw(`json_build_object('userId', ${name}.id, 'name', ${name}.name)`);
  const { rows } = await db.execute(sql`
    select o.id as "offerId", ${person("b")} as by, ${person("t")} as to, ${milliseconds(sql`o.expires_at`)} as "expiresAt"
      from ownership_offer o join "user" b on b.id = o.offered_by join "user" t on t.id = o.offered_to
     where ${of} in (o.offered_by, o.offered_to) and o.expires_at > ${time(now)} order by o.created_at`);
  return z.array(storedOffer).parse(rows);
}

/** Offers a member the owner's own place; an earlier offer of theirs holds no more. False: no such member, or an owner already. */
export function offerOwnership(db: OrganisationDb, by: Actor, to: UserId, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with given as (
        insert into ownership_offer (id, organisation_id, offered_by, offered_to, created_at, expires_at)
        select ${crypto.randomUUID()}::uuid, ${db.organisationId}, ${by.userId}, m.user_id, ${time(now)}, ${time(now + offerLife)}
          from member m where m.user_id = ${to} and m.role <> 'owner' and ${stillIs(by)}
        on conflict on constraint ownership_offer_once do update set id = excluded.id, offered_to = excluded.offered_to,
          created_at = excluded.created_at, expires_at = excluded.expires_at
        returning offered_to
      ),
      done as (
        select u.id as subject, null::jsonb as before, jsonb_build_object('name', u.name) as after
          from given join "user" u on u.id = given.offered_to
      ) ${audited(db, by, "offer-ownership", now)}`,
  );
}

/** Ends an offer that somebody made or was made. False: there is no such offer. */
export function endOwnershipOffer(db: OrganisationDb, by: Actor, id: string, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with gone as (
        delete from ownership_offer where id = ${id}::uuid and ${by.userId} in (offered_by, offered_to) returning offered_to
      ),
      done as (
        select u.id as subject, jsonb_build_object('name', u.name) as before, null::jsonb as after
          from gone join "user" u on u.id = gone.offered_to
      ) ${audited(db, by, "end-ownership-offer", now)}`,
  );
}

/**
 * Takes an offer up: whoever it was made to is owner, whoever made it administrator, with what only an owner offers taken back.
 * @returns who was owner; nothing if the offer holds no more, or is for another
 */
export async function takeOwnership(
  db: OrganisationDb,
  by: Actor,
  id: string,
  now: number,
): Promise<UserId | undefined> {
  const [, { rows }] = await db.batch([
    db.execute(sql`select from organisation for update`),
    db.execute(sql`
      with taken as (
        delete from ownership_offer o using member m
         where o.id = ${id}::uuid and o.offered_to = ${by.userId} and o.expires_at > ${time(now)}
           and m.user_id = o.offered_by and m.role = 'owner' and ${stillIs(by)}
        returning o.offered_by, o.offered_to
      ),
      changed as (
        update member set role = case user_id when taken.offered_to then 'owner' else 'administrator' end
          from taken where user_id in (taken.offered_by, taken.offered_to)
        returning user_id
      ),
      others as (
        delete from ownership_offer o using taken where o.offered_to = taken.offered_to and o.offered_by <> taken.offered_by
      ),
      withdrawn as (
        delete from invitation using taken where invited_by = taken.offered_by and invitation.role = 'owner'
        returning token_hash, organisation_id
      ),
      ${remember(sql`withdrawn`, "withdrawn", now)},
      done as (
        select taken.offered_to as subject, jsonb_build_object('owner', b.name) as before,
          jsonb_build_object('owner', ${by.name}::text) as after, b.id
          from taken join "user" b on b.id = taken.offered_by
      ),
      noted as (${audited(db, by, "take-ownership", now)})
      select id from done`),
  ]);
  return rows[0] && userId.parse(rows[0].id);
}
