/** Somebody with an organisation of their own beside the demo's: signed up over the API, the mail's link followed. */
import { z } from "zod";
import { until } from "./desk.ts";
import { signIn } from "./listener.ts";
import type { Platform } from "./platform.ts";

export interface Newcomer {
  email: string;
  password: string;
  /** The session's cookie. */
  cookie: string;
}

/** Signs Nora Holm up as the owner of "Holm & Co". */
export async function signUpNora({ origin, ports }: Platform): Promise<Newcomer> {
  const account = { email: "nora.holm@example.test", password: "a long enough password" };
  const response = await fetch(`${origin}/api/auth/sign-up/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ ...account, name: "Nora Holm", organisation: "Holm & Co" }),
  });
  if (!response.ok) throw new Error(`signing up was answered with ${response.status}`);
  await fetch(await mailedLink(ports.MAIL_PORT ?? 0, account.email, "/api/auth/verify-email"));
  return { ...account, cookie: await signIn(origin, account.email, account.password) };
}

const mails = z.array(z.object({ to: z.string(), text: z.string() }));

/** The link to a path of the portal in the newest mail to somebody that has one, from the local page of mails. */
export function mailedLink(mailPort: number, to: string, path: string): Promise<string> {
  return until(async () => {
    const sent = mails.parse(await (await fetch(`http://127.0.0.1:${mailPort}/mails`)).json());
    const links = sent.filter((one) => one.to === to).flatMap(({ text }) => text.match(/https?:\/\/\S+/g) ?? []);
    return links.find((link) => new URL(link).pathname === path);
  }, `the mail to ${to}`);
}
