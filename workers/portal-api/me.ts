/** GET /api/me: who is signed in, and for which organisation. */
import type { z } from "zod";
import type { me } from "#core/messages/portal-api.ts";
import { authOf } from "../auth/auth.ts";
import type { Identity } from "../auth/session.ts";
import type { Env } from "../env.ts";

/** The portal asks this at every start, so here a session that is in use gets its new term. */
export async function answerMe(env: Env, request: Request, identity: Identity): Promise<Response> {
  const { userId: id, name, email, role, organisationId, organisationName } = identity;
  const body: z.input<typeof me> = {
    user: { id, name, email },
    organisation: { id: organisationId, name: organisationName },
    role,
  };
  const response = Response.json(body);
  const { headers } = await authOf(env).api.getSession({ headers: request.headers, returnHeaders: true });
  for (const cookie of headers.getSetCookie()) response.headers.append("set-cookie", cookie);
  return response;
}
