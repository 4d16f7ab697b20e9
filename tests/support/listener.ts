/** A signed-in client without a browser: the WebSocket that a portal's leading tab has, and when what came over it. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import WebSocket from "ws";
import { type FromClient, type ToClient, toClient } from "#core/messages/client.ts";
import { clientId } from "#core/messages/values.ts";
import { clockNow } from "./presser.ts";

/** Signs in as the portal does. @returns the session's cookie */
export async function signIn(origin: string, email: string, password: string): Promise<string> {
  const response = await fetch(`${origin}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ email, password }),
  });
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (!cookie) throw new Error(`signing in was answered with ${response.status}`);
  return cookie;
}

type Came<T extends ToClient["type"]> = Extract<ToClient, { type: T }> & { at: number };

export interface Listener {
  /** The next message of this type from now on that fits, and when it came. Rejects after `within` milliseconds. */
  next<T extends ToClient["type"]>(type: T, fits?: (message: Came<T>) => boolean, within?: number): Promise<Came<T>>;
  /** Everything that came, in its order. */
  readonly heard: readonly ToClient[];
  /** The code with which the edge closed this socket, once it does. */
  readonly closed: Promise<number>;
  say(message: FromClient): void;
  close(): void;
}

/** As often as the portal pings: a socket that is silent for 30 s is closed. Milliseconds. */
const pingTime = 10_000;

/** Connects and says hello as a client that rings. `silent`: it never says by itself that it is still there. */
export async function startListener(origin: string, cookie: string, { silent = false } = {}): Promise<Listener> {
  const socket = new WebSocket(`${origin.replace(/^http/, "ws")}/api/live`, { headers: { cookie, origin } });
  const heard: ToClient[] = [];
  const closed = once(socket, "close").then(([code]) => Number(code));
  const waiting = new Set<(message: ToClient, at: number) => void>();
  socket.on("message", (data) => {
    const at = clockNow(); // before anything is read
    const message = toClient.parse(JSON.parse(data.toString()));
    heard.push(message);
    for (const look of [...waiting]) look(message, at);
  });
  await once(socket, "open");
  const say = (message: FromClient) => socket.send(JSON.stringify(message));
  const listener: Listener = {
    heard,
    closed,
    next<T extends ToClient["type"]>(type: T, fits: (message: Came<T>) => boolean = () => true, within = 15_000) {
      return new Promise<Came<T>>((resolve, reject) => {
        const patience = setTimeout(() => reject(new Error(`no ${type} within ${within} ms`)), within);
        const isIt = (message: ToClient): message is Extract<ToClient, { type: T }> => message.type === type;
        const look = (message: ToClient, at: number) => {
          if (!isIt(message) || !fits({ ...message, at })) return;
          clearTimeout(patience);
          waiting.delete(look);
          resolve({ ...message, at });
        };
        waiting.add(look);
      });
    },
    say,
    close: () => socket.close(),
  };
  if (!silent) {
    const pings = setInterval(() => say({ type: "ping" }), pingTime);
    socket.once("close", () => clearInterval(pings));
  }
  const welcome = listener.next("welcome");
  say({ type: "hello", protocol: 1, clientId: clientId.parse(randomUUID()), available: true });
  await welcome;
  return listener;
}
