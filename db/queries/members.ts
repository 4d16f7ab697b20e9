/** Who belongs to which organisation. */
import { and, asc, eq, gt, isNotNull, lt, ne, notExists, sql } from "drizzle-orm";
import { z } from "zod";
import { type Role, role } from "#core/messages/portal-api.ts";
import { type OrganisationId, organisationId, type UserId, userId } from "#core/messages/values.ts";
import type { Db } from "../client.ts";
import { session, user } from "../schema/account.ts";
import { member, organisation } from "../schema/organisation.ts";

/**
 * A new person's own organisation, with them as its owner: made when they sign in for the first time and belong to none.
 * Doubled requests make one. Returns nothing where they belong to one already, or never named one.
 */
export async function foundOrganisation(db: Db, ofUser: string): Promise<void> {
  const belongs = db.select({ one: sql`1` }).from(member).where(eq(member.userId, ofUser));
  await db.batch([
    db
      .insert(organisation)
      .select(
        db
          .select({
            id: sql<string>`gen_random_uuid()::text`.as("id"),
            name: sql<string>`${user.organisationName}`.as("name"),
            foundedBy: sql<string>`${user.id}`.as("founded_by"),
            retentionDays: sql<number>`30`.as("retention_days"),
            createdAt: sql<Date>`now()`.as("created_at"),
          })
          .from(user)
          .where(and(eq(user.id, ofUser), isNotNull(user.organisationName), notExists(belongs))),
      )
      .onConflictDoNothing(),
    db
      .insert(member)
      .select(
        db
          .select({
            id: sql<string>`gen_random_uuid()`.as("id"),
            organisationId: organisation.id,
            userId: sql<string>`${organisation.foundedBy}`.as("user_id"),
            role: sql<Role>`'owner'`.as("role"),
            createdAt: sql<Date>`now()`.as("created_at"),
          })
          .from(organisation)
          .where(and(eq(organisation.foundedBy, ofUser), notExists(belongs))),
      )
      .onConflictDoNothing(),
  ]);
}

const identity = z.object({
  sessionId: z.string(),
  userId,
  name: z.string(),
  email: z.string(),
  role,
  organisationId,
  organisationName: z.string(),
});
/** Who asks, and for which organisation. */
export type Identity = z.infer<typeof identity>;

/** The person behind a session's token, by one statement; undefined for a session that has ended or a person of no organisation. */
export async function identityOfSession(db: Db, token: string, now: number): Promise<Identity | undefined> {
  const [row] = await db
    .select({
      sessionId: session.id,
      userId: user.id,
      name: user.name,
      email: user.email,
      role: member.role,
      organisationId: organisation.id,
      organisationName: organisation.name,
    })
    .from(session)
    .innerJoin(user, eq(user.id, session.userId))
    .innerJoin(member, eq(member.userId, user.id))
    .innerJoin(organisation, eq(organisation.id, member.organisationId))
    .where(and(eq(session.token, token), gt(session.expiresAt, new Date(now))))
    .orderBy(asc(member.createdAt), asc(member.id))
    .limit(1);
  return row && identity.parse(row);
}

/**
 * Ends a person's sessions, all of them or all but one. Returns the organisations the person belongs to: there are the sockets
 * that lived by them.
 */
export async function endSessionsOf(db: Db, ofUser: UserId, except?: string): Promise<OrganisationId[]> {
  const [, memberships] = await db.batch([
    db
      .delete(session)
      .where(and(eq(session.userId, ofUser), except === undefined ? undefined : ne(session.id, except))),
    db.select({ id: member.organisationId }).from(member).where(eq(member.userId, ofUser)),
  ]);
  return memberships.map(({ id }) => organisationId.parse(id));
}

/** Deletes the sessions that ended before that moment (milliseconds), of everybody. */
export async function deleteEndedSessions(db: Db, now: number): Promise<void> {
  await db.delete(session).where(lt(session.expiresAt, new Date(now)));
}
