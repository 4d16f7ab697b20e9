/** A browser for tests of the routes: it keeps its cookie, and comes from the portal's origin. */
import { env, exports } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { type ToClient, toClient } from "#core/messages/client.ts";
import { me, problem, type Role } from "#core/messages/portal-api.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import { user } from "#db/schema/account.ts";
import { member } from "#db/schema/organisation.ts";
import { Inbox, settled } from "../calls/testing/house.ts";

export const origin = "http://localhost:8080";
export const password = "a good password";

export interface Asking {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export class Portal {
  /** Each has an address of its own, so that one test's attempts are none of another's. */
  readonly address = `10.${[0, 0, 0].map(() => Math.floor(Math.random() * 256)).join(".")}`;
  cookie = "";

  async ask(path: string, { method, body, headers }: Asking = {}): Promise<Response> {
    const response = await exports.default.fetch(`${origin}${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      redirect: "manual",
      headers: {
        origin,
        "cf-connecting-ip": this.address,
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const set = response.headers.getSetCookie().find((one) => one.startsWith("symphony.session_token="));
    if (set) this.cookie = set.split(";")[0] ?? "";
    return response;
  }

  /** Opens the socket over which everything happens live. `closed` resolves to the code it was closed with. */
  async live(): Promise<{ socket: WebSocket; closed: Promise<number>; inbox: Inbox<ToClient> }> {
    const ask = () => this.ask("/api/live", { headers: { upgrade: "websocket" } });
    const { webSocket: socket } = await settled(ask);
    if (!socket) throw new Error("no socket");
    const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
    const inbox = new Inbox<ToClient>();
    socket.addEventListener("message", ({ data }) => inbox.push(toClient.parse(JSON.parse(String(data)))));
    socket.accept();
    return { socket, closed, inbox };
  }

  signIn(email: string, secret = password): Promise<Response> {
    return this.ask("/api/auth/sign-in/email", { body: { email, password: secret } });
  }
}

/** What was answered with success. */
export async function read(portal: Portal, path: string, body?: object): Promise<unknown> {
  const response = await portal.ask(path, { body });
  if (response.status !== 200) throw new Error(`${path} was answered with ${response.status}`);
  return response.json();
}

/** Status and code of a refusal. */
export async function refusal(answer: Response): Promise<[number, string]> {
  const { status, code } = problem.parse(await answer.json());
  return [status, code];
}

/** The links in the mails to that address, oldest first. Waits until there are as many. */
export async function linksTo(email: string, atLeast = 0): Promise<string[]> {
  for (;;) {
    const response = await fetch(`${env.MAIL_URL}?to=${encodeURIComponent(email)}`);
    const mails = await response.json<{ text: string }[]>();
    if (mails.length >= atLeast) return mails.map(({ text }) => /https?:\/\/\S+/.exec(text)?.[0] ?? "");
  }
}

export const newEmail = (): string => `anna-${crypto.randomUUID()}@example.com`;

/** @param organisation that is to be theirs; without one they wait for an invitation */
export function signUp(
  portal: Portal,
  email: string,
  organisation: { organisation?: string } = { organisation: "Anna's house" },
): Promise<Response> {
  const body = { email, password, name: "Anna", ...organisation, callbackURL: "/verify" };
  return portal.ask("/api/auth/sign-up/email", { body });
}

const pathOf = (link: string | undefined): string => (link ?? "").replace(origin, "");

/** Somebody signed in, with an organisation of their own in which they have this role. */
export async function somebody(role: Role = "owner") {
  const portal = new Portal();
  const email = newEmail();
  await signUp(portal, email);
  const [link] = await linksTo(email, 1);
  await portal.ask(pathOf(link));
  await portal.signIn(email);
  const { user: person, organisation } = me.parse(await (await portal.ask("/api/me")).json());
  const db = organisationDb(connectDb(env), organisation.id);
  if (role !== "owner") await db.update(member).set({ role }).where(eq(member.userId, person.id));
  return { portal, email, db, userId: person.id, organisationId: organisation.id };
}

/** Somebody signed in who belongs to no organisation. */
export async function newcomer() {
  const portal = new Portal();
  const email = newEmail();
  await signUp(portal, email, {});
  const [link] = await linksTo(email, 1);
  await portal.ask(pathOf(link));
  await portal.signIn(email);
  const [account] = await connectDb(env).select({ id: user.id }).from(user).where(eq(user.email, email));
  return { portal, email, userId: account?.id ?? "" };
}

/** The token of the newest invitation to that address, out of its mail. Waits until there are as many mails. */
export async function invitationTo(email: string, mails: number): Promise<string> {
  const link = (await linksTo(email, mails)).at(-1) ?? "";
  return new URLSearchParams(new URL(link).hash.slice(1)).get("token") ?? "";
}

/** A newcomer who came in by invitation. */
export async function colleague(of: Portal, role: Role) {
  const { portal, email, userId } = await newcomer();
  await of.ask("/api/invitations", { body: { email, role } });
  await portal.ask("/api/invitation/accept", { body: { token: await invitationTo(email, 2) } });
  return { portal, email, userId };
}

export { pathOf };
