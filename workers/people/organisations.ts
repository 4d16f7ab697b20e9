/** /api/organisations: where a person belongs, and which of them their session works in. */
import type { z } from "zod";
import type { organisationList } from "#core/messages/people.ts";
import type { OrganisationId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { membershipsOf, workIn } from "#db/queries/members.ts";
import type { Identity } from "../auth/session.ts";
import { signOutClients } from "../calls/routes.ts";
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

/** POST /api/organisations/{organisationId}/enter. The session's sockets in the one it leaves close. */
export async function answerEntering(env: Env, identity: Identity, id: OrganisationId): Promise<Response> {
  const db = connectDb(env);
  const found = await membershipsOf(db, identity.userId);
  if (!found.some((one) => one.id === id)) return problem(404, "not-found", "You belong to no such organisation.");
  await workIn(db, identity.sessionId, id);
  if (id !== identity.organisationId)
    await signOutClients(env, identity.organisationId, identity.userId, { only: identity.sessionId });
  return new Response(null, { status: 204 });
}
