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
  db: OrganisationDb,
  by: Identity,
  to: UserId,
  now: number,
): Promise<Response> {
  if (await stored.offerOwnership(db, by, to, now)) return done();
  return (await roleOf(db, to)) === undefined
    ? problem(404, "no-such-person", "There is no such person here.")
    : problem(409, "owner-already", "They are an owner already.");
}

/** Withdraws one's own offer, or refuses one that was made to oneself. */
export async function answerEndingOffer(
  db: OrganisationDb,
  by: Identity,
  offer: string,
  now: number,
): Promise<Response> {
  return (await stored.endOwnershipOffer(db, by, offer, now)) ? done() : gone();
}

export async function answerTakingOwnership(
  env: Env,
  db: OrganisationDb,
  by: Identity,
  offer: string,
  now: number,
): Promise<Response> {
  const before = await stored.takeOwnership(db, by, offer, now);
  if (!before) return gone();
  await Promise.all([before, by.userId].map((who) => accessChanged(env, db.organisationId, who)));
  return done();
}
