/** Inviting people by mail, and coming in. */
import { asc, gt, sql } from "drizzle-orm";
import { z } from "zod";
import { type Role, role } from "#core/messages/portal-api.ts";
import { organisationId } from "#core/messages/values.ts";
import type { Db, OrganisationDb } from "../client.ts";
import { invitation } from "../schema/people.ts";
import { type Actor, audited, givable, inTurn, stillIs, time } from "./changing.ts";
import type { Person } from "./members.ts";

/** Milliseconds. */
export const invitationLife = 7 * 86_400_000;

export type StoredInvitation = typeof invitation.$inferSelect;

/** Those that still hold, the oldest first. */
export async function openInvitations(db: OrganisationDb, now: number): Promise<StoredInvitation[]> {
  return db
    .select()
    .from(invitation)
    .where(gt(invitation.expiresAt, new Date(now)))
    .orderBy(asc(invitation.createdAt));
}

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
    sql`with done as (
        insert into invitation (id, organisation_id, email, role, token_hash, invited_by, invited_by_name, created_at, expires_at)
        select ${id}::uuid, ${db.organisationId}, ${email}, ${as}, ${tokenHash}, ${by.userId}, ${by.name}, ${time(now)}, ${time(now + invitationLife)}
         where ${stillIs(by)} and ${as} = any(${givable(by.role)})
           and not exists (select from member m join "user" u on u.id = m.user_id where lower(u.email) = ${email})
        on conflict on constraint invitation_once do update set id = excluded.id, role = excluded.role,
          token_hash = excluded.token_hash, invited_by = excluded.invited_by, invited_by_name = excluded.invited_by_name,
          created_at = excluded.created_at, expires_at = excluded.expires_at
        returning id as subject, null::jsonb as before, ${held} as after
      ) ${audited(db, by, "invite-person", now)}`,
  );
}

/** False: there is no such invitation, or it is not for `by` to say. */
export function takeBackInvitation(db: OrganisationDb, by: Actor, id: string, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with done as (
        delete from invitation where id = ${id}::uuid and ${stillIs(by)} and role = any(${givable(by.role)})
        returning id as subject, ${held} as before, null::jsonb as after
      ) ${audited(db, by, "take-back-invitation", now)}`,
  );
}

const offer = z
  .object({
    organisation_id: organisationId,
    organisation_name: z.string(),
    email: z.string(),
    role,
    invited_by_name: z.string(),
  })
  .transform((row) => ({
    organisationId: row.organisation_id,
    organisation: row.organisation_name,
    email: row.email,
    role: row.role,
    invitedBy: row.invited_by_name,
  }));
export type Offer = z.infer<typeof offer>;

/** What an invitation holds out to whoever has its mail; nothing if it holds no more. */
export async function offerOf(db: Db, tokenHash: string, now: number): Promise<Offer | undefined> {
  const asked = sql`select * from invitation_by_token(${tokenHash}, ${new Date(now).toISOString()})`;
  const { rows } = await db.execute(asked);
  return rows[0] && offer.parse(rows[0]);
}

/** Takes an invitation up, once. False: it holds no more, or is for another address. Who belongs already stays what they are. */
export function join(db: OrganisationDb, who: Person, tokenHash: string, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with taken as (
        delete from invitation
         where token_hash = ${tokenHash} and expires_at > ${time(now)} and email = lower(${who.email})
        returning role
      ),
      joined as (
        insert into member (organisation_id, user_id, role) select ${db.organisationId}, ${who.userId}, role from taken
        on conflict on constraint member_once do nothing
      ),
      done as (
        select ${who.userId} as subject, null::jsonb as before,
          jsonb_build_object('name', ${who.name}::text, 'role', role) as after
          from taken
      )
      ${audited(db, who, "join", now)}`,
  );
}
