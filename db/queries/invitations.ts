/** Inviting people by mail, and their coming in or saying no. */
import { asc, gt, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type InvitationEnd, invitationEnds } from "#core/messages/people.ts";
import { type Role, role } from "#core/messages/portal-api.ts";
import { organisationId } from "#core/messages/values.ts";
import type { Db, OrganisationDb } from "../client.ts";
import { invitation } from "../schema/people.ts";
import { type Actor, audited, givable, inTurn, stillIs, time } from "./changing.ts";
import type { Person } from "./members.ts";

const day = 86_400_000;
/** Milliseconds. */
export const invitationLife = 7 * day;
/** How long somebody who opens an old link is told what became of it. Milliseconds. */
const remembered = 30 * day;

export type StoredInvitation = typeof invitation.$inferSelect;

/** Those that still hold, the oldest first. */
export async function openInvitations(db: OrganisationDb, now: number): Promise<StoredInvitation[]> {
  return db
    .select()
    .from(invitation)
    .where(gt(invitation.expiresAt, new Date(now)))
    .orderBy(asc(invitation.createdAt));
}

/**
 * Part of a statement that ends invitations: remembers how, for whoever opens their links later.
 * @param ended what has their `token_hash` and `organisation_id`
 */
export const remember = (ended: SQL, how: InvitationEnd, now: number): SQL => sql`
  remembered as (
    insert into ended_invitation (token_hash, organisation_id, how, goes_at)
    select token_hash, organisation_id, ${how}, ${time(now + remembered)} from ${ended}
  )`;

/** An invitation as the audit shows it. */
const held = sql`jsonb_build_object('email', invitation.email, 'role', invitation.role)`;

export interface Invited {
  id: string;
  /** Lower case. */
  email: string;
  role: Role;
  /** SHA-256 of the token in the mail, hexadecimal. */
  tokenHash: string;
}

/** Invites somebody; an earlier invitation of theirs holds no more. False: they belong already, or it is not for `by` to say. */
export function invite(db: OrganisationDb, by: Actor, { id, email, role: as, tokenHash }: Invited, now: number) {
  return inTurn(
    db,
    sql`with old as (select organisation_id, token_hash from invitation where email = ${email}),
      done as (
        insert into invitation (id, organisation_id, email, role, token_hash, invited_by, invited_by_name, created_at, expires_at)
        select ${id}::uuid, ${db.organisationId}, ${email}, ${as}, ${tokenHash}, ${by.userId}, ${by.name}, ${time(now)}, ${time(now + invitationLife)}
         where ${stillIs(by)} and ${as} = any(${givable(by.role)})
           and not exists (select from member m join "user" u on u.id = m.user_id where lower(u.email) = ${email})
        on conflict on constraint invitation_once do update set id = excluded.id, role = excluded.role,
          token_hash = excluded.token_hash, invited_by = excluded.invited_by, invited_by_name = excluded.invited_by_name,
          created_at = excluded.created_at, expires_at = excluded.expires_at
        returning id as subject, null::jsonb as before, ${held} as after
      ),
      ${remember(sql`old where exists (select from done)`, "replaced", now)}
      ${audited(db, by, "invite-person", now)}`,
  );
}

/** False: there is no such invitation, or it is not for `by` to say. */
export function takeBackInvitation(db: OrganisationDb, by: Actor, id: string, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with done as (
        delete from invitation where id = ${id}::uuid and ${stillIs(by)} and role = any(${givable(by.role)})
        returning id as subject, ${held} as before, null::jsonb as after, token_hash, organisation_id
      ),
      ${remember(sql`done`, "withdrawn", now)}
      ${audited(db, by, "take-back-invitation", now)}`,
  );
}

const heldOut = z
  .object({
    organisation_id: organisationId,
    organisation_name: z.string(),
    email: z.string(),
    role,
    invited_by_name: z.string(),
    expires_at: z.coerce.date(),
  })
  .transform((row) => ({
    organisationId: row.organisation_id,
    organisation: row.organisation_name,
    email: row.email,
    role: row.role,
    invitedBy: row.invited_by_name,
    expiresAt: row.expires_at.getTime(),
  }));
const over = z.object({ how: z.enum(invitationEnds) });
export type Offer = z.infer<typeof heldOut>;

/** What an invitation holds out to whoever has its mail, or how it ended; nothing where no mail carries such a token. */
export async function offerOf(db: Db, tokenHash: string, now: number): Promise<Offer | InvitationEnd | undefined> {
  const { rows } = await db.execute(sql`select * from invitation_of_token(${tokenHash})`);
  if (!rows[0]) return undefined;
  const ended = over.safeParse(rows[0]);
  if (ended.success) return ended.data.how;
  const open = heldOut.parse(rows[0]);
  return open.expiresAt > now ? open : "expired";
}

/** Those of this token that hold, and were sent to this person. */
const own = (who: Person, tokenHash: string, now: number): SQL =>
  sql`token_hash = ${tokenHash} and expires_at > ${time(now)} and email = lower(${who.email})`;

/** Takes an invitation up, once. False: it holds no more, or is for another address. Who belongs already stays what they are. */
export function join(db: OrganisationDb, who: Person, tokenHash: string, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with taken as (
        delete from invitation where ${own(who, tokenHash, now)} returning role, token_hash, organisation_id
      ),
      joined as (
        insert into member (organisation_id, user_id, role) select ${db.organisationId}, ${who.userId}, role from taken
        on conflict on constraint member_once do nothing
      ),
      ${remember(sql`taken`, "accepted", now)},
      done as (
        select ${who.userId} as subject, null::jsonb as before,
          jsonb_build_object('name', ${who.name}::text, 'role', role) as after
          from taken
      )
      ${audited(db, who, "join", now)}`,
  );
}

/** Turns an invitation down. False as for `join`. */
export function decline(db: OrganisationDb, who: Person, tokenHash: string, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with done as (
        delete from invitation where ${own(who, tokenHash, now)}
        returning id as subject, ${held} as before, null::jsonb as after, token_hash, organisation_id
      ),
      ${remember(sql`done`, "declined", now)}
      ${audited(db, who, "decline-invitation", now)}`,
  );
}
