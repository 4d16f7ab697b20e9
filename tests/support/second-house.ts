/** Somebody with an organisation of their own beside the demo's: signed up over the API, the mail's link followed. */
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
  await fetch(await confirmingLink(ports.MAIL_PORT ?? 0));
  return { ...account, cookie: await signIn(origin, account.email, account.password) };
}

/** The link in the one mail that confirms an address, from the local page of mails. */
export function confirmingLink(mailPort: number): Promise<string> {
  return until(async () => {
    const mails = await (await fetch(`http://127.0.0.1:${mailPort}/mails`)).text();
    return /http:\/\/localhost:\d+\/[^\s"'<>\\]*verify[^\s"'<>\\]*/.exec(mails)?.[0].replaceAll("&amp;", "&");
  }, "the mail");
}
