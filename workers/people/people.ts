/** /api/people: who belongs to the organisation; another role, removing a member, leaving. What it takes away is gone at once. */
import type { z } from "zod";
import { mayGive } from "#core/access/permissions.ts";
import type { peopleList } from "#core/messages/people.ts";
import { type Role, role } from "#core/messages/portal-api.ts";
import type { UserId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { openInvitations } from "#db/queries/invitations.ts";
import * as stored from "#db/queries/people.ts";
import type { Identity } from "../auth/session.ts";
import { accessChanged, peopleHere } from "../calls/routes.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

const nobody = () => problem(404, "no-such-person", "There is no such person here.");
const done = () => new Response(null, { status: 204 });

export async function answerPeople(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  now: number,
): Promise<z.input<typeof peopleList>> {
  const [people, invitations, here] = await Promise.all([
    stored.peopleList(db, now),
    openInvitations(db, now),
    peopleHere(env, db.organisationId),
  ]);
  return {
    people: people.map((person) => ({
      ...person,
      here: here.has(person.userId),
      mayChange: person.userId !== identity.userId && mayGive(identity.role, person.role),
    })),
    invitations: invitations.map((one) => ({
      invitationId: one.id,
      email: one.email,
      role: one.role,
      invitedBy: one.invitedByName,
      createdAt: one.createdAt.getTime(),
      expiresAt: one.expiresAt.getTime(),
    })),
    mayGive: role.options.filter((one) => mayGive(identity.role, one)),
  };
}

/** 204; 404 for somebody who does not belong, 403 where it is not for this person to say, 409 for the last owner. */
export async function answerRole(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  who: UserId,
  to: Role,
  now: number,
): Promise<Response> {
  if (who === identity.userId) return notOneself();
  if (await stored.changeRole(db, identity, who, to, now)) {
    await accessChanged(env, db.organisationId, who);
    return done();
  }
  const is = await stored.roleOf(db, who);
  if (is === undefined) return nobody();
  return is === to ? done() : refusal(identity.role, is, to);
}

/** As `answerRole`. */
export async function answerRemoval(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  who: UserId,
  now: number,
): Promise<Response> {
  if (who === identity.userId) return notOneself();
  if (await stored.removePerson(db, identity, who, now)) {
    await accessChanged(env, db.organisationId, who);
    return done();
  }
  const is = await stored.roleOf(db, who);
  return is === undefined ? nobody() : refusal(identity.role, is);
}

/** 204, or 409 for the last owner. */
export async function answerLeaving(env: Env, db: OrganisationDb, identity: Identity, now: number): Promise<Response> {
  if (!(await stored.leave(db, identity, now))) return lastOwner();
  await accessChanged(env, db.organisationId, identity.userId);
  return done();
}

const notOneself = () => problem(409, "oneself", "Nobody changes their own role. You may leave.");
const lastOwner = () => problem(409, "last-owner", "An organisation has an owner. Make somebody else one first.");

function refusal(own: Role, ...concerned: Role[]): Response {
  if (concerned.every((one) => mayGive(own, one))) return lastOwner();
  return problem(403, "not-allowed", "You are not allowed to do this.");
}
