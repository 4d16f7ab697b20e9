/** What the door list is measured against: the same question who asks and the same query, and nothing round them. */
import { connectDb, organisationDb } from "#db/client.ts";
import { doorList } from "#db/queries/devices.ts";
import { identityOf } from "../auth/session.ts";
import type { Env } from "../env.ts";

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const now = Date.now();
    const identity = await identityOf(env, request, now);
    if (!identity) return new Response(null, { status: 401 });
    return Response.json(await doorList(organisationDb(connectDb(env), identity.organisationId), { ...identity, now }));
  },
};
