/** From a request to who sends it. The cookie is checked first, so that a forged one costs no question to the database. */
import { parseSigned } from "hono/utils/cookie";
import type { OrganisationId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { type Identity, identityOfSession, type Person, personOfSession } from "#db/queries/members.ts";
import type { Env } from "../env.ts";
import { cookiePrefix, isSecure } from "./auth.ts";

export type { Identity, OrganisationId, Person };

/** As better-auth names it. */
const cookieName = (env: Env) => `${isSecure(env) ? "__Secure-" : ""}${cookiePrefix}.session_token`;

/** The token in the request's cookie, where it is one of ours. */
async function tokenOf(env: Env, request: Request): Promise<string | undefined> {
  const cookies = request.headers.get("cookie");
  if (cookies === null) return undefined;
  const name = cookieName(env);
  return (await parseSigned(cookies, env.AUTH_SECRET, name))[name] || undefined;
}

/** The person of the request's session, whether or not they belong to an organisation. */
export async function personOf(env: Env, request: Request, now: number): Promise<Person | undefined> {
  const token = await tokenOf(env, request);
  return token ? personOfSession(connectDb(env), token, now) : undefined;
}

/**
 * The person of the request's session and the organisation they work in; nothing without a session that lasts.
 * Read from the database each time: one who was removed or signed out is out at once.
 */
export async function identityOf(env: Env, request: Request, now: number): Promise<Identity | undefined> {
  const token = await tokenOf(env, request);
  return token ? identityOfSession(connectDb(env), token, now) : undefined;
}
