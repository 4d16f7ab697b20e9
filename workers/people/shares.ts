/** Sharing a door, or every door of a site, with a member or a team: from now on until a moment, or until it is taken back. */
import type { z } from "zod";
import type { shareBody } from "#core/messages/people.ts";
import type { UserId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { endShare, type Shared, shareWith } from "#db/queries/shares.ts";
import { membersOf } from "#db/queries/teams.ts";
import type { Identity } from "../auth/session.ts";
import { accessChanged } from "../calls/routes.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

async function changed(env: Env, db: OrganisationDb, people: UserId[]): Promise<Response> {
  await Promise.all(people.map((who) => accessChanged(env, db.organisationId, who)));
  return new Response(null, { status: 204 });
}

/**
 * POST /api/people/{userId}/shares and /api/teams/{teamId}/shares. Shared already, it ends when this says. 404 for no such
 * person or team, door or site.
 */
export async function answerSharing(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  whom: Shared["with"],
  { endsAt, ...place }: z.output<typeof shareBody>,
  now: number,
): Promise<Response> {
  if (endsAt !== undefined && endsAt <= now) return problem(400, "in-the-past", "It would have ended already.");
  const ends = endsAt === undefined ? {} : { endsAt };
  if (!(await shareWith(db, identity, { id: crypto.randomUUID(), with: whom, what: place, ...ends }, now)))
    return problem(404, "not-found", "There is no such person or team, door or site here.");
  return changed(env, db, "userId" in whom ? [whom.userId] : await membersOf(db, whom.teamId));
}

/** DELETE /api/shares/{shareId} */
export async function answerEndingShare(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  id: string,
  now: number,
): Promise<Response> {
  const people = await endShare(db, identity, id, now);
  return people ? changed(env, db, people) : problem(404, "not-found", "There is no such share.");
}
