/** The people of an organisation: who they are, and changing what they are. */
import { eq, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { may } from "#core/access/permissions.ts";
import type { Role } from "#core/messages/portal-api.ts";
import { role } from "#core/messages/portal-api.ts";
import { moment, type UserId, userId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { member } from "../schema/organisation.ts";
import { type Actor, audited, givable, inTurn, milliseconds, stillIs, time } from "./changing.ts";
import { remember } from "./invitations.ts";
import { rungByNone } from "./reach.ts";
import { sharesWhere, storedShare } from "./shares.ts";

const person = z.object({
  userId,
  name: z.string(),
  email: z.string(),
  role,
  since: moment,
  signedInAt: moment.nullable().transform((at) => at ?? undefined),
  unrung: z.boolean(),
  shares: z.array(storedShare),
});
export type StoredPerson = z.infer<typeof person>;

/**
 * When the member `m` last signed in, of the sessions that last and work in the organisation `o`: what somebody does elsewhere is
 * none of its business. A session that chose no organisation works in the person's own.
 */
const signedIn = (now: number): SQL => sql`(
  select ${milliseconds(sql`max(l.created_at)`)} from session l
   where l.user_id = m.user_id and l.expires_at > ${time(now)}
     and (l.works_in = o.id or l.works_in is null and o.founded_by = m.user_id))`;

/** Everybody with what is shared with them now, the oldest member first. */
export async function peopleList(db: OrganisationDb, now: number): Promise<StoredPerson[]> {
  const { rows } = await db.execute(sql`
    select m.user_id as "userId", u.name, u.email, m.role, ${milliseconds(sql`m.created_at`)} as since, ${rungByNone(now)} as unrung,
      ${signedIn(now)} as "signedInAt",
      ${sharesWhere(sql`s.user_id = m.user_id`, now)} as shares
      from member m join "user" u on u.id = m.user_id join organisation o on o.id = m.organisation_id
     order by m.created_at, m.id`);
  return z.array(person).parse(rows);
}

/** Who may answer, and is rung by no button of any device. @param now milliseconds */
export async function unrungPeople(db: OrganisationDb, now: number): Promise<{ userId: UserId; name: string }[]> {
  const { rows } = await db.execute(sql`
    select m.user_id as "userId", u.name from member m join "user" u on u.id = m.user_id
     where ${rungByNone(now)} order by u.name, m.id`);
  return z.array(person.pick({ userId: true, name: true })).parse(rows);
}

/** What somebody is in this organisation; nothing where they do not belong. */
export async function roleOf(db: OrganisationDb, who: UserId): Promise<Role | undefined> {
  const [row] = await db.select({ role: member.role }).from(member).where(eq(member.userId, who));
  return row?.role;
}

const old = (who: UserId): SQL => sql`
  select m.user_id, m.role, u.name from member m join "user" u on u.id = m.user_id where m.user_id = ${who}`;
/** Somebody as the audit shows them. */
const as = (name: SQL, role: SQL): SQL => sql`jsonb_build_object('name', ${name}, 'role', ${role})`;
/** An organisation keeps an owner. */
const notTheLastOwner = sql`
  (old.role <> 'owner' or exists (select from member o where o.role = 'owner' and o.user_id <> old.user_id))`;

/**
 * Gives a member another role. False: they do not belong, are it already, are the only owner, or it is not for `by` to say.
 * What they could no longer offer as what they are then goes with it.
 */
export function changeRole(db: OrganisationDb, by: Actor, who: UserId, to: Role, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with old as (${old(who)}),
      done as (
        update member set role = ${to} from old
         where member.user_id = old.user_id and old.role <> ${to} and ${notTheLastOwner}
           and ${stillIs(by)} and old.role = any(${givable(by.role)}) and ${to} = any(${givable(by.role)})
        returning old.user_id as subject, ${as(sql`old.name`, sql`old.role`)} as before, ${as(sql`old.name`, sql`${to}::text`)} as after
      ),
      withdrawn as (
        delete from invitation using done where invited_by = done.subject and not invitation.role = any(${givable(to)})
        returning token_hash, organisation_id
      ),
      ${remember(sql`withdrawn`, "withdrawn", now)},
      kept as (delete from ownership_offer using done
        where offered_by = done.subject or (offered_to = done.subject and ${to}::text = 'owner')),
      staying as (delete from device_transfer using done where offered_by = done.subject and not ${may(to, "transfer-device")})
      ${audited(db, by, "change-role", now)}`,
  );
}

/** Removes a member, with what is shared with them and whom they invited. False as for `changeRole`. */
export function removePerson(db: OrganisationDb, by: Actor, who: UserId, now: number): Promise<boolean> {
  const allowed = sql`${stillIs(by)} and old.role = any(${givable(by.role)})`;
  return inTurn(db, sql`${removal(who, allowed, now)} ${audited(db, by, "remove-person", now)}`);
}

/** Lets a member go. False: they do not belong, or are the only owner. */
export function leave(db: OrganisationDb, who: Actor, now: number): Promise<boolean> {
  return inTurn(db, sql`${removal(who.userId, sql`true`, now)} ${audited(db, who, "leave", now)}`);
}

const removal = (who: UserId, allowed: SQL, now: number): SQL => sql`
  with old as (${old(who)}),
  done as (
    delete from member using old
     where member.user_id = old.user_id and ${notTheLastOwner} and ${allowed}
    returning old.user_id as subject, ${as(sql`old.name`, sql`old.role`)} as before, null::jsonb as after
  ),
  withdrawn as (
    delete from invitation using done where invited_by = done.subject returning token_hash, organisation_id
  ),
  ${remember(sql`withdrawn`, "withdrawn", now)}`;
