/** Mails: to confirm an address, to invite, to hand on. Sent through any HTTP endpoint that takes `{ id?, to, subject, text }`. */
import { waitUntil } from "cloudflare:workers";
import { log, reasonOf } from "../log.ts";

export interface Mail {
  /** The same at each try: whoever takes it twice sends it once. Absent: it is tried once. */
  id?: string;
  to: string;
  subject: string;
  text: string;
}

const patience = 10_000;

/** @throws if the mail was not taken */
export async function sendMail(endpoint: string, mail: Mail): Promise<void> {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(mail),
    signal: AbortSignal.timeout(patience),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the mail was not taken: ${response.status}`);
}

/** Sends a mail that nobody waits for: how long it takes would tell whether there is such an account. */
export function mailLater({ MAIL_URL }: { MAIL_URL: string }, mail: Mail): void {
  waitUntil(sendMail(MAIL_URL, mail).catch((error: unknown) => log("mail not sent", { reason: reasonOf(error) })));
}

/** Names come from whoever signed up: one line, and no address that a mail program would turn into a link. */
export const plain = (name: string): string =>
  name
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, " ")
    .replaceAll(/[.:/]/g, " ")
    .slice(0, 80)
    .trim();

export const confirmationMail = (to: string, name: string, link: string): Mail => ({
  to,
  subject: "Confirm your e-mail address",
  text: `Hello ${plain(name)},

somebody, hopefully you, signed up to Symphony Cloud with this e-mail address. Open this link within an hour to confirm it:

${link}

If it was not you, leave this mail alone: without the link nothing happens.
`,
});

export const resetMail = (to: string, name: string, link: string): Mail => ({
  to,
  subject: "Choose a new password",
  text: `Hello ${plain(name)},

open this link within an hour to choose a new password for Symphony Cloud:

${link}

If you did not ask for it, leave this mail alone: your password stays as it is.
`,
});

export const knownAddressMail = (to: string, name: string, portal: string): Mail => ({
  to,
  subject: "You have an account already",
  text: `Hello ${plain(name)},

somebody, hopefully you, tried to sign up to Symphony Cloud with this e-mail address. You have an account already: sign in at

${portal}

or ask there for a new password. If it was not you, nothing happened.
`,
});

export const invitationMail = (to: string, by: string, organisation: string, link: string): Mail => ({
  to,
  subject: "You are invited",
  text: `Hello,

${plain(by)} invites you to ${plain(organisation)} on Symphony Cloud. Open this link within a week, and sign in or sign up with this e-mail address:

${link}

If you do not know them, leave this mail alone: without the link nothing happens.
`,
});

export const transferMail = (to: string, by: string, organisation: string, device: string, link: string): Mail => ({
  to,
  subject: "A device is offered to you",
  text: `Hello,

${plain(by)} of ${plain(organisation)} offers you the device ${plain(device)} on Symphony Cloud. Open this link within a week, signed in with this e-mail address as who runs your organisation:

${link}

If you do not know them, leave this mail alone: without the link nothing happens.
`,
});
