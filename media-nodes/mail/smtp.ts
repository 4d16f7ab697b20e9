/** Sends mails on through a mail server elsewhere. */
import { createTransport } from "nodemailer";
import { z } from "zod";
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
  return async ({ id, to, subject, text, html }) => {
    const messageId = id === undefined ? {} : { messageId: `<${id}@${hostOf(from)}>` };
    await transport.sendMail({ from, to, subject, text, ...messageId, ...(html ? { html } : {}) });
  };
}

/** The same at each try, so that who gets it twice can tell (RFC 5322 §3.6.4). */
const hostOf = (from: string): string => /@([\w.-]+)/.exec(from)?.[1] ?? "localhost";

const refusal = z.object({ command: z.enum(["RCPT TO", "DATA"]), responseCode: z.number().min(500) });

/** Whether the server refused this person, or this mail, for good (RFC 5321 §4.2.1). A wrong password of ours may be mended. */
export const isRefusedForGood = (error: unknown): boolean => refusal.safeParse(error).success;
