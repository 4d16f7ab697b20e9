/** Inviting people by mail: whoever opens the mail's link, and is signed in with the address it went to, comes in. */
import { waitUntil } from "cloudflare:workers";
import type { z } from "zod";
import { mayGive } from "#core/access/permissions.ts";
import type { invitationBody, offer } from "#core/messages/people.ts";
import { connectDb, type OrganisationDb, organisationDb } from "#db/client.ts";
import { countAttempt } from "#db/queries/attempts.ts";
import { invite, join, offerOf, takeBackInvitation } from "#db/queries/invitations.ts";
import { type Person, workIn } from "#db/queries/members.ts";
import { invitationMail, sendMail } from "../auth/mail.ts";
import type { Identity } from "../auth/session.ts";
import { base64Url } from "../calls/signing.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import { log, reasonOf } from "../log.ts";

/** Mails cost their readers' patience: an organisation sends so many an hour. */
const mails = { window: 60 * 60, max: 60 };

/** What the database keeps of a token. The token itself is in the mail alone. */
async function digestOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return Array.from(new Uint8Array(digest), (octet) => octet.toString(16).padStart(2, "0")).join("");
}

const gone = () => problem(404, "no-such-invitation", "This invitation holds no more. Ask for a new one.");

/** POST /api/invitations. 204; 403 for a role that is not theirs to give, 409 for somebody who belongs already, 429. */
export async function answerInviting(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  { email: address, role }: z.output<typeof invitationBody>,
  now: number,
): Promise<Response> {
  if (!mayGive(identity.role, role)) return problem(403, "not-allowed", "You are not allowed to give this role.");
  const { allowed, retryAfter } = await countAttempt(connectDb(env), `invitations:${db.organisationId}`, mails, now);
  if (!allowed) {
    const headers = { "retry-after": String(retryAfter) };
    return problem(429, "too-many-invitations", "Too many invitations. Please wait a while.", headers);
  }
  const email = address.toLowerCase();
  const token = base64Url(crypto.getRandomValues(new Uint8Array(32)));
  const invited = { id: crypto.randomUUID(), email, role, tokenHash: await digestOf(token) };
  if (!(await invite(db, identity, invited, now)))
    return problem(409, "belongs-already", "Somebody with this address belongs already.");
  const link = `${env.PUBLIC_ORIGIN}/invitation?token=${token}`;
  const mail = invitationMail(email, identity.name, identity.organisationName, link);
  waitUntil(sendMail(env.MAIL_URL, mail).catch((error: unknown) => log("mail not sent", { reason: reasonOf(error) })));
  return new Response(null, { status: 204 });
}

/** DELETE /api/invitations/{invitationId} */
export async function answerTakingBack(
  db: OrganisationDb,
  identity: Identity,
  id: string,
  now: number,
): Promise<Response> {
  return (await takeBackInvitation(db, identity, id, now)) ? new Response(null, { status: 204 }) : gone();
}

/** GET /api/invitation?token= : what it holds out, for whoever has the mail. */
export async function answerOffer(env: Env, token: string, now: number): Promise<z.input<typeof offer> | Response> {
  const found = await offerOf(connectDb(env), await digestOf(token), now);
  if (!found) return gone();
  const { organisationId: _, ...shown } = found;
  return shown;
}

/** POST /api/invitation/accept. The session then works there. 403 for somebody it was not sent to. */
export async function answerAccepting(env: Env, person: Person, token: string, now: number): Promise<Response> {
  const db = connectDb(env);
  const tokenHash = await digestOf(token);
  const found = await offerOf(db, tokenHash, now);
  if (!found) return gone();
  if (found.email !== person.email.toLowerCase())
    return problem(403, "other-address", "This invitation went to another address. Sign in with that one.");
  if (!(await join(organisationDb(db, found.organisationId), person, tokenHash, now))) return gone();
  await workIn(db, person.sessionId, found.organisationId);
  return new Response(null, { status: 204 });
}
