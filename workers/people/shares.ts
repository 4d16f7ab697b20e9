/** Sharing a door, or every door of a site, with a member: from now until a moment, or until it is taken back. */
import type { z } from "zod";
import type { shareBody } from "#core/messages/people.ts";
import type { UserId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { endShare, shareWith } from "#db/queries/shares.ts";
import type { Identity } from "../auth/session.ts";
import { accessChanged } from "../calls/routes.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

/** POST /api/people/{userId}/shares. Shared already, it ends when this says. 404 for no such person, door or site. */
export async function answerSharing(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  who: UserId,
  { endsAt, ...place }: z.output<typeof shareBody>,
  now: number,
): Promise<Response> {
  if (endsAt !== undefined && endsAt <= now) return problem(400, "in-the-past", "It would have ended already.");
  const ends = endsAt === undefined ? {} : { endsAt };
  if (!(await shareWith(db, identity, { id: crypto.randomUUID(), with: who, what: place, ...ends }, now)))
    return problem(404, "not-found", "There is no such person, door or site here.");
  await accessChanged(env, db.organisationId, who);
  return new Response(null, { status: 204 });
}

/** DELETE /api/shares/{shareId} */
export async function answerEndingShare(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  id: string,
  now: number,
): Promise<Response> {
  const who = await endShare(db, identity, id, now);
  if (!who) return problem(404, "not-found", "There is no such share.");
  await accessChanged(env, db.organisationId, who);
  return new Response(null, { status: 204 });
}
