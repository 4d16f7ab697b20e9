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
  /** The next message of this type from now on, and when it came. */
  next<T extends ToClient["type"]>(type: T): Promise<Came<T>>;
  say(message: FromClient): void;
  close(): void;
}

/** Connects and says hello as a client that rings. */
export async function startListener(origin: string, cookie: string): Promise<Listener> {
  const socket = new WebSocket(`${origin.replace(/^http/, "ws")}/api/live`, { headers: { cookie, origin } });
  const waiting = new Set<(message: ToClient, at: number) => void>();
  socket.on("message", (data) => {
    const at = clockNow(); // before anything is read
    const message = toClient.parse(JSON.parse(data.toString()));
    for (const look of [...waiting]) look(message, at);
  });
  await once(socket, "open");
  const say = (message: FromClient) => socket.send(JSON.stringify(message));
  const listener: Listener = {
    next<T extends ToClient["type"]>(type: T) {
      return new Promise<Came<T>>((resolve, reject) => {
        const patience = setTimeout(() => reject(new Error(`no ${type} within 15 s`)), 15_000);
        const isIt = (message: ToClient): message is Extract<ToClient, { type: T }> => message.type === type;
        const look = (message: ToClient, at: number) => {
          if (!isIt(message)) return;
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
  const welcome = listener.next("welcome");
  say({ type: "hello", protocol: 1, clientId: clientId.parse(randomUUID()), available: true });
  await welcome;
  return listener;
}
