/** From a request to who sends it. The cookie is checked first, so that a forged one costs no question to the database. */
import { parseSigned } from "hono/utils/cookie";
import type { OrganisationId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { type Identity, identityOfSession } from "#db/queries/members.ts";
import type { Env } from "../env.ts";
import { cookiePrefix, isSecure } from "./auth.ts";

export type { Identity, OrganisationId };

/** As better-auth names it. */
const cookieName = (env: Env) => `${isSecure(env) ? "__Secure-" : ""}${cookiePrefix}.session_token`;

/**
 * The person of the request's session and the organisation they work in; nothing without a session that lasts.
 * Read from the database each time: one who was removed or signed out is out at once.
 */
export async function identityOf(env: Env, request: Request, now: number): Promise<Identity | undefined> {
  const cookies = request.headers.get("cookie");
  if (cookies === null) return undefined;
  const name = cookieName(env);
  const token = (await parseSigned(cookies, env.AUTH_SECRET, name))[name];
  return token ? identityOfSession(connectDb(env), token, now) : undefined;
}
