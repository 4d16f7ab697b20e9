/** Sends mails on through a mail server elsewhere. */
import { createTransport } from "nodemailer";
import type { Mail } from "./mail.ts";

/** Milliseconds. */
const patience = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 60_000 };

/**
 * @param url `smtps://` speaks TLS from the first octet on (RFC 8314 §3.3); `smtp://` changes to it where the server offers
 * STARTTLS (RFC 3207), and must where there is a password to say.
 * @returns sends one mail; rejects when the server did not take it
 */
export function makeSender(url: string, from: string): (mail: Mail) => Promise<void> {
  const requireTLS = new URL(url).password !== "";
  const transport = createTransport({ url, requireTLS, ...patience });
  return async ({ to, subject, text, html }) => {
    await transport.sendMail({ from, to, subject, text, ...(html ? { html } : {}) });
  };
}
