/** /api/organisations: where a person belongs, and which of them their session works in. */
import type { z } from "zod";
import type { organisationBody, organisationList } from "#core/messages/people.ts";
import type { OrganisationId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { type AttemptRule, countAttempt } from "#db/queries/attempts.ts";
import { foundAnother, membershipsOf, workIn } from "#db/queries/members.ts";
import type { Identity, Person } from "../auth/session.ts";
import { moveClients } from "../calls/routes.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

export async function answerOrganisations(env: Env, identity: Identity): Promise<z.input<typeof organisationList>> {
  const found = await membershipsOf(connectDb(env), identity.userId);
  return {
    organisations: found.map(({ id, name, role }) => ({
      organisationId: id,
      name,
      role,
      current: id === identity.organisationId,
    })),
  };
}

/** Organisations that a person founds in a day. */
const foundings: AttemptRule = { window: 86_400, max: 5 };

/** POST /api/organisations, by who belongs to none: 204, and their session works there. 409 for who belongs to one, 429. */
export async function answerFounding(
  env: Env,
  { userId, name: founder }: Person,
  { name }: z.output<typeof organisationBody>,
  now: number,
): Promise<Response> {
  const db = connectDb(env);
  const { allowed, retryAfter } = await countAttempt(db, `foundings:${userId}`, foundings, now);
  if (!allowed) {
    const headers = { "retry-after": String(retryAfter) };
    return problem(429, "too-many-organisations", "Too many organisations. Please wait a while.", headers);
  }
  return (await foundAnother(db, { userId, name: founder }, name, now))
    ? new Response(null, { status: 204 })
    : problem(409, "belongs-already", "You belong to an organisation.");
}

/** POST /api/organisations/{organisationId}/enter */
export async function answerEntering(env: Env, identity: Identity, id: OrganisationId): Promise<Response> {
  const found = await membershipsOf(connectDb(env), identity.userId);
  if (!found.some((one) => one.id === id)) return problem(404, "not-found", "You belong to no such organisation.");
  await moveTo(env, identity, id);
  return new Response(null, { status: 204 });
}

/** Lets a session work in an organisation. Its sockets elsewhere close, to come back there. */
export async function moveTo(env: Env, { sessionId, userId }: Person, id: OrganisationId): Promise<void> {
  const db = connectDb(env);
  await workIn(db, sessionId, id);
  const elsewhere = (await membershipsOf(db, userId)).filter((one) => one.id !== id);
  await Promise.all(elsewhere.map((one) => moveClients(env, one.id, userId, sessionId)));
}
