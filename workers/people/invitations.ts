/** Inviting people by mail: whoever opens the mail's link, and is signed in with the address it went to, comes in or says no. */
import type { z } from "zod";
import { mayGive } from "#core/access/permissions.ts";
import type { InvitationEnd, invitationBody, offer } from "#core/messages/people.ts";
import { connectDb, type OrganisationDb, organisationDb } from "#db/client.ts";
import { decline, invite, join, type Offer, offerOf, takeBackInvitation } from "#db/queries/invitations.ts";
import { invitationMail, mailLater } from "../auth/mail.ts";
import { type Identity, type Person, personOf } from "../auth/session.ts";
import { base64Url } from "../calls/signing.ts";
import type { Env } from "../env.ts";
import { sha256 } from "../hex.ts";
import { problem } from "../http/problem.ts";
import { tooOften } from "../http/too-often.ts";
import { moveTo } from "./organisations.ts";

/** Mails cost their readers' patience: an organisation sends so many an hour. */
const mails = { window: 60 * 60, max: 60 };
const tooMany = ["too-many-invitations", "Too many invitations. Please wait a while."] as const;

/** What the database keeps of a token. The token itself is in the mail alone. */
const digestOf = sha256;

const unknown = () => problem(404, "no-such-invitation", "There is no such invitation. Ask for a new one.");

/** How an invitation ended, in a sentence. */
const ended: Record<InvitationEnd, string> = {
  accepted: "This invitation was accepted already.",
  declined: "This invitation was declined.",
  withdrawn: "This invitation was taken back.",
  replaced: "A newer invitation took the place of this one.",
  expired: "This invitation is too old.",
};
const over = (how: InvitationEnd) => problem(410, `invitation-${how}`, ended[how]);

/** POST /api/invitations. 204; 403 for a role that is not theirs to give, 409 for somebody who belongs already, 429. */
export async function answerInviting(
  env: Env,
  db: OrganisationDb,
  identity: Identity,
  { email: address, role }: z.output<typeof invitationBody>,
  now: number,
): Promise<Response> {
  if (!mayGive(identity.role, role)) return problem(403, "not-allowed", "You are not allowed to give this role.");
  const refused = await tooOften(connectDb(env), `invitations:${db.organisationId}`, mails, now, tooMany);
  if (refused) return refused;
  const email = address.toLowerCase();
  const token = base64Url(crypto.getRandomValues(new Uint8Array(32)));
  const invited = { id: crypto.randomUUID(), email, role, tokenHash: await digestOf(token) };
  if (!(await invite(db, identity, invited, now)))
    return problem(409, "belongs-already", "Somebody with this address belongs already.");
  const link = `${env.PUBLIC_ORIGIN}/invitation#token=${token}`;
  mailLater(env, invitationMail(email, identity.name, identity.organisationName, link));
  return new Response(null, { status: 204 });
}

/** DELETE /api/invitations/{invitationId} */
export async function answerTakingBack(
  db: OrganisationDb,
  identity: Identity,
  id: string,
  now: number,
): Promise<Response> {
  return (await takeBackInvitation(db, identity, id, now)) ? new Response(null, { status: 204 }) : unknown();
}

/** POST /api/invitation: what it holds out, for whoever has the mail. 404, or 410 where it holds no more. */
export async function answerOffer(
  env: Env,
  request: Request,
  token: string,
  now: number,
): Promise<z.input<typeof offer> | Response> {
  const found = await offerOf(connectDb(env), await digestOf(token), now);
  if (found === undefined) return unknown();
  if (typeof found === "string") return over(found);
  const { organisationId: _, ...shown } = found;
  const person = await personOf(env, request, now);
  if (!person) return shown;
  return { ...shown, reader: { name: person.name, email: person.email, invited: isFor(found, person) } };
}

const isFor = ({ email }: Offer, person: Person): boolean => email === person.email.toLowerCase();

/** POST /api/invitation/accept. The session then works there. As `answerOffer`, and 403 for somebody it was not sent to. */
export async function answerAccepting(env: Env, person: Person, token: string, now: number): Promise<Response> {
  return answering(env, person, token, now, async (db, tokenHash) => {
    if (!(await join(db, person, tokenHash, now))) return false;
    await moveTo(env, person, db.organisationId);
    return true;
  });
}

/** POST /api/invitation/decline. As `answerAccepting`. */
export async function answerDeclining(env: Env, person: Person, token: string, now: number): Promise<Response> {
  return answering(env, person, token, now, (db, tokenHash) => decline(db, person, tokenHash, now));
}

/** @param answer in the organisation of an invitation to this person; false if it has ended meanwhile */
async function answering(
  env: Env,
  person: Person,
  token: string,
  now: number,
  answer: (db: OrganisationDb, tokenHash: string) => Promise<boolean>,
): Promise<Response> {
  const db = connectDb(env);
  const tokenHash = await digestOf(token);
  const found = await offerOf(db, tokenHash, now);
  if (found === undefined) return unknown();
  if (typeof found === "string") return over(found);
  if (!isFor(found, person))
    return problem(403, "other-address", "This invitation went to another address. Sign in with that one.");
  if (await answer(organisationDb(db, found.organisationId), tokenHash)) return new Response(null, { status: 204 });
  const became = await offerOf(db, tokenHash, now);
  return typeof became === "string" ? over(became) : unknown();
}
