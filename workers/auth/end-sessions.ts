/** Ending sessions, and with them the sockets that were opened by them. */
import type { UserId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { endSessionsOf } from "#db/queries/members.ts";
import { signOutClients } from "../calls/routes.ts";
import type { Env } from "../env.ts";

/** All sessions of a person, or all but one. The sessions go first: a socket that is closed may come back at once. */
export async function endSessions(env: Env, userId: UserId, except?: string): Promise<void> {
  const organisations = await endSessionsOf(connectDb(env), userId, except);
  const which = except === undefined ? "all" : { except };
  await Promise.all(organisations.map((organisation) => signOutClients(env, organisation, userId, which)));
}
