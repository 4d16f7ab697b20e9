/** Who belongs to which organisation. */
import { and, eq, gt, isNotNull, lt, ne, sql } from "drizzle-orm";
import { z } from "zod";
import { role } from "#core/messages/portal-api.ts";
import { type OrganisationId, organisationId, type UserId, userId } from "#core/messages/values.ts";
import { type Db, type OrganisationDb, organisationDb } from "../client.ts";
import { session, user } from "../schema/account.ts";
import { member, organisation } from "../schema/organisation.ts";
import { audited } from "./changing.ts";
import type { Author } from "./configuration.ts";

/**
 * A new person's own organisation, with them as its owner: made when they sign in for the first time and belong to none.
 * Doubled requests make one. Does nothing where they belong to one already, or never named one.
 */
export async function foundOrganisation(db: Db, ofUser: string, now: number): Promise<void> {
  const [newcomer] = await db
    .select({ organisation: sql<string>`${user.organisationName}`, name: user.name })
    .from(user)
    .where(
      and(
        eq(user.id, ofUser),
        isNotNull(user.organisationName),
        sql`not exists (select from memberships_of_person(${user.id}))`,
      ),
    );
  if (!newcomer) return;
  const own = organisationDb(db, organisationId.parse(crypto.randomUUID()));
  const { organisationId: id } = own;
  await own.batch([
    own.insert(organisation).values({ id, name: newcomer.organisation, foundedBy: ofUser }).onConflictDoNothing(),
    // Another request may have been first: then there is no organisation of this identifier, and nobody joins it.
    firstOwner(own, { userId: ofUser, name: newcomer.name }, now),
  ]);
}

/** Makes the founder the owner of an organisation that was made in the same transaction, and writes that they founded it. */
const firstOwner = (own: OrganisationDb, founder: Author, now: number) =>
  own.execute(sql`
    with founded as (
      insert into ${member} (organisation_id, user_id, role) select id, ${founder.userId}, 'owner' from ${organisation}
      returning organisation_id
    ),
    done as (
      select o.id as subject, null::jsonb as before, jsonb_build_object('name', o.name) as after
        from ${organisation} o join founded on founded.organisation_id = o.id
    ) ${audited(own, founder, "found-organisation", now)}`);

/** One more, for somebody who belongs to none any more. False: they belong to one. */
export async function foundAnother(db: Db, founder: Author, name: string, now: number): Promise<boolean> {
  const own = organisationDb(db, organisationId.parse(crypto.randomUUID()));
  const { organisationId: id } = own;
  const [, , { rowCount }] = await own.batch([
    // Doubled requests come one after the other, and the second finds them belonging.
    own.execute(sql`select from ${user} where ${user.id} = ${founder.userId} for update`),
    own.execute(sql`
      insert into ${organisation} (id, name) select ${id}, ${name} where not exists (select from memberships_of_person(${founder.userId}))`),
    firstOwner(own, founder, now),
  ]);
  return rowCount > 0;
}

const identity = z
  .object({
    session_id: z.string(),
    user_id: userId,
    name: z.string(),
    email: z.string(),
    role,
    organisation_id: organisationId,
    organisation_name: z.string(),
  })
  .transform((row) => ({
    sessionId: row.session_id,
    userId: row.user_id,
    name: row.name,
    email: row.email,
    role: row.role,
    organisationId: row.organisation_id,
    organisationName: row.organisation_name,
  }));
/** Who asks, and for which organisation. */
export type Identity = z.infer<typeof identity>;

/** The person behind a session's token, by one statement; undefined for a session that has ended or a person of no organisation. */
export async function identityOfSession(db: Db, token: string, now: number): Promise<Identity | undefined> {
  const { rows } = await db.execute(sql`select * from identity_of_session(${token}, ${new Date(now).toISOString()})`);
  return rows[0] && identity.parse(rows[0]);
}

/**
 * Ends a person's sessions, all of them or all but one. Returns the organisations the person belongs to: there are the sockets
 * that lived by them.
 */
export async function endSessionsOf(db: Db, ofUser: UserId, except?: string): Promise<OrganisationId[]> {
  const [, { rows }] = await db.batch([
    db
      .delete(session)
      .where(and(eq(session.userId, ofUser), except === undefined ? undefined : ne(session.id, except))),
    db.execute(sql`select id from memberships_of_person(${ofUser})`),
  ]);
  return rows.map(({ id }) => organisationId.parse(id));
}

/** Who a session's token belongs to, whether or not they belong to an organisation. */
export interface Person {
  sessionId: string;
  userId: UserId;
  name: string;
  email: string;
}

export async function personOfSession(db: Db, token: string, now: number): Promise<Person | undefined> {
  const [row] = await db
    .select({ sessionId: session.id, userId: user.id, name: user.name, email: user.email })
    .from(session)
    .innerJoin(user, eq(user.id, session.userId))
    .where(and(eq(session.token, token), gt(session.expiresAt, new Date(now))));
  return row && { ...row, userId: userId.parse(row.userId) };
}

const membership = z.object({ id: organisationId, name: z.string(), role });

/** The organisations a person belongs to, the oldest membership first. */
export async function membershipsOf(db: Db, ofUser: UserId): Promise<z.infer<typeof membership>[]> {
  const { rows } = await db.execute(sql`select * from memberships_of_person(${ofUser})`);
  return z.array(membership).parse(rows);
}

/** Lets a session work in an organisation. Without effect on what it may do where its person does not belong. */
export async function workIn(db: Db, sessionId: string, organisation: OrganisationId): Promise<void> {
  await db.update(session).set({ worksIn: organisation }).where(eq(session.id, sessionId));
}

/** Deletes the sessions that ended before that moment (milliseconds), of everybody. */
export async function deleteEndedSessions(db: Db, now: number): Promise<void> {
  await db.delete(session).where(lt(session.expiresAt, new Date(now)));
}
