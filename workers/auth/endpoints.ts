/** The few endpoints of better-auth that are open to the world; whatever is not named here does not exist. */
import { z } from "zod";
import { label } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { countAttempt, forgetAttempts } from "#db/queries/attempts.ts";
import { membershipsOf } from "#db/queries/members.ts";
import { signOutClients } from "../calls/routes.ts";
import type { Env } from "../env.ts";
import { sha256 } from "../hex.ts";
import { badRequest } from "../http/bad-request.ts";
import { readAtMost } from "../http/body.ts";
import { problem } from "../http/problem.ts";
import { authOf } from "./auth.ts";
import { endSessions } from "./end-sessions.ts";
import { identityOf, personOf } from "./session.ts";

const largest = 16 * 1024;

/** POST /api/auth/sign-up/email. `organisation` is what their own organisation is to be called; who was invited needs none. */
export const signUpBody = z.object({
  email: z.email().max(254),
  password: z.string().min(8).max(128),
  name: label,
  organisation: label.optional(),
  callbackURL: z.string().max(500).optional(),
});
/** POST /api/auth/sign-in/email */
export const signInBody = z.object({
  email: z.email().max(254),
  password: z.string().max(128),
  rememberMe: z.boolean().optional(),
  callbackURL: z.string().max(500).optional(),
});

/** POST /api/auth/request-password-reset */
export const passwordForgottenBody = z.object({
  email: z.email().max(254),
  redirectTo: z.string().max(500).optional(),
});
/** POST /api/auth/reset-password */
export const passwordResetBody = z.object({ token: z.string().max(500), newPassword: z.string().min(8).max(128) });
/** POST /api/auth/change-password */
export const passwordChangeBody = z.object({
  currentPassword: z.string().max(128),
  newPassword: z.string().min(8).max(128),
});

const bodies: Readonly<Record<string, z.ZodType>> = {
  "/api/auth/sign-up/email": signUpBody,
  "/api/auth/sign-in/email": signInBody,
  "/api/auth/send-verification-email": z.object({
    email: z.email().max(254),
    callbackURL: z.string().max(500).optional(),
  }),
  "/api/auth/request-password-reset": passwordForgottenBody,
  "/api/auth/reset-password": passwordResetBody,
  "/api/auth/change-password": passwordChangeBody,
  "/api/auth/sign-out": z.object({}),
};

/** Guesses at one account, from wherever they come: ten in a quarter of an hour. */
const perAccount = { window: 15 * 60, max: 10 };

const accountKey = async (email: string): Promise<string> => `account:${await sha256(email.trim().toLowerCase())}`;

/** /api/auth/…: hands the request on, within limits, and puts refusals into our form. */
export async function authenticate(env: Env, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  // The URL is the public one: links in mails and the cookie's scope follow from it, not from where the request was sent.
  const url = new URL(pathname + search, env.PUBLIC_ORIGIN);
  const { method, headers } = request;
  if (method !== "POST") return asProblem(await authOf(env).handler(new Request(url, { method, headers })));
  const sent = await readAtMost(request, largest);
  if (!sent) return problem(413, "too-large", "This is at most 16 KiB.");
  const body = bodies[pathname]?.safeParse(readJson(sent));
  if (!body) return problem(404, "not-found", "There is nothing at this address.");
  if (!body.success) return badRequest(body.error);
  const inner = new Request(url, { method, headers: jsonHeaders(headers), body: JSON.stringify(body.data) });
  const signingIn = pathname === "/api/auth/sign-in/email" ? signInBody.safeParse(body.data) : undefined;
  if (signingIn?.success) return guardedSignIn(env, inner, signingIn.data.email);
  if (pathname === "/api/auth/sign-out") return signOut(env, inner);
  if (pathname === "/api/auth/change-password") return changePassword(env, inner);
  return asProblem(await authOf(env).handler(inner));
}

function readJson(octets: Uint8Array): unknown {
  try {
    return octets.length === 0 ? {} : JSON.parse(new TextDecoder().decode(octets));
  } catch {
    return undefined;
  }
}

function jsonHeaders(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete("content-length");
  kept.set("content-type", "application/json");
  return kept;
}

async function guardedSignIn(env: Env, request: Request, email: string): Promise<Response> {
  const db = connectDb(env);
  const key = await accountKey(email);
  const { allowed, retryAfter } = await countAttempt(db, key, perAccount, Date.now());
  if (!allowed) return tooMany(retryAfter ?? perAccount.window);
  const response = await authOf(env).handler(request);
  if (!response.ok) return asProblem(response);
  await forgetAttempts(db, key);
  // The session's token is for the cookie alone, where no script of a page can read it.
  return new Response(null, { status: 204, headers: cookiesOf(response) });
}

/** The session's sockets end with it, in whichever organisation it worked. */
async function signOut(env: Env, request: Request): Promise<Response> {
  const person = await personOf(env, request, Date.now());
  const response = await authOf(env).handler(request);
  if (person && response.ok) {
    const { userId, sessionId } = person;
    const belongs = await membershipsOf(connectDb(env), userId);
    await Promise.all(belongs.map(({ id }) => signOutClients(env, id, userId, { only: sessionId })));
  }
  return asProblem(response);
}

/** Whoever changes their password stays signed in; every other session of theirs ends. */
async function changePassword(env: Env, request: Request): Promise<Response> {
  const identity = await identityOf(env, request, Date.now());
  if (!identity) return problem(401, "signed-out", "Please sign in.");
  const response = await authOf(env).handler(request);
  if (!response.ok) return asProblem(response);
  await endSessions(env, identity.userId, identity.sessionId);
  return new Response(null, { status: 204, headers: cookiesOf(response) });
}

const tooMany = (seconds: number) =>
  problem(429, "too-many-attempts", "Too many attempts. Please wait a while.", { "retry-after": String(seconds) });

/** better-auth refuses with `{ code, message }`. Its code stays, the form becomes ours. */
async function asProblem(response: Response): Promise<Response> {
  if (response.status < 400) return response;
  if (response.status === 429) return tooMany(Number(response.headers.get("x-retry-after")) || 60);
  const said = z
    .object({ code: z.string().optional(), message: z.string().optional() })
    .safeParse(await response.json().catch(() => undefined));
  const code = said.data?.code ?? `http-${response.status}`;
  const detail = response.status < 500 ? said.data?.message : undefined;
  return problem(response.status, code, detail ?? "This did not work.", cookiesOf(response));
}

function cookiesOf(response: Response): Headers {
  const kept = new Headers();
  for (const cookie of response.headers.getSetCookie()) kept.append("set-cookie", cookie);
  return kept;
}
