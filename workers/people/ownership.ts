/** /api/ownership: handing an organisation on to a member. The owner before stays, as an administrator. */
import type { z } from "zod";
import type { ownershipOffers } from "#core/messages/transfers.ts";
import type { UserId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import * as stored from "#db/queries/ownership.ts";
import { roleOf } from "#db/queries/people.ts";
import type { Identity } from "../auth/session.ts";
import { accessChanged } from "../calls/routes.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

/** Changes the offers that somebody made or was made. Everybody of whom they are, or were, sees it where their portal is open. */
async function changing<Changed>(
  env: Env,
  db: OrganisationDb,
  of: UserId,
  now: number,
  change: () => Promise<Changed>,
): Promise<Changed> {
  const before = await stored.ownershipOffers(db, of, now);
  const changed = await change();
  const concerned = [...before, ...(await stored.ownershipOffers(db, of, now))].flatMap(({ by, to }) => [by, to]);
  const people = [...new Set(concerned.map(({ userId }) => userId))];
  await env.SWITCHBOARD.getByName(db.organisationId).ownershipChanged(people);
  return changed;
}

const done = () => new Response(null, { status: 204 });
const gone = () => problem(404, "no-such-offer", "This offer holds no more.");

export async function answerOwnership(
  db: OrganisationDb,
  { userId }: Identity,
  now: number,
): Promise<z.input<typeof ownershipOffers>> {
  return { offers: await stored.ownershipOffers(db, userId, now) };
}

/** 204; 404 for somebody who does not belong, 409 for an owner. */
export async function answerOfferingOwnership(
  env: Env,
  db: OrganisationDb,
  by: Identity,
  to: UserId,
  now: number,
): Promise<Response> {
  const offering = () => stored.offerOwnership(db, by, to, now);
  if (await changing(env, db, by.userId, now, offering)) return done();
  return (await roleOf(db, to)) === undefined
    ? problem(404, "no-such-person", "There is no such person here.")
    : problem(409, "owner-already", "They are an owner already.");
}

/** Withdraws one's own offer, or refuses one that was made to oneself. */
export async function answerEndingOffer(
  env: Env,
  db: OrganisationDb,
  by: Identity,
  offer: string,
  now: number,
): Promise<Response> {
  const ending = () => stored.endOwnershipOffer(db, by, offer, now);
  return (await changing(env, db, by.userId, now, ending)) ? done() : gone();
}

export async function answerTakingOwnership(
  env: Env,
  db: OrganisationDb,
  by: Identity,
  offer: string,
  now: number,
): Promise<Response> {
  const before = await changing(env, db, by.userId, now, () => stored.takeOwnership(db, by, offer, now));
  if (!before) return gone();
  await Promise.all([before, by.userId].map((who) => accessChanged(env, db.organisationId, who)));
  return done();
}
