/** The clients' hibernating WebSockets: what is attached to each, who is behind it, and how much it may say. */
import { clientSilence } from "#core/call/limits.ts";
import type { ConnectedClient } from "#core/call/plan.ts";
import { type FromClient, fromClient, type ToClient } from "#core/messages/client.ts";
import type { Role } from "#core/messages/portal-api.ts";
import type { ClientId, UserId } from "#core/messages/values.ts";

/** Who signed in, as the session cookie said at the upgrade. Revoked by closing the socket. */
export interface Identity {
  userId: UserId;
  name: string;
  role: Role;
  /** The session this socket lives by. */
  sessionId?: string;
  /** When that was looked up, and which doors they get to. Milliseconds. */
  lookedUpAt: number;
  /** When the first of the shares ends by which this person gets to doors. Milliseconds. */
  until?: number;
}

/** Of a person's sessions: all, one alone, or all but one. */
export type WhichSessions = "all" | { only: string } | { except: string };

/** Survives hibernation with its socket. */
export interface Attached extends Identity {
  connectedAt: number;
  /** Known after `hello`. */
  clientId?: ClientId;
  available: boolean;
  /** A newer socket of the same client took over: this one's closing means nothing. */
  replaced?: boolean;
}

export interface Client {
  socket: WebSocket;
  about: Attached & { clientId: ClientId };
}

export const attached = (socket: WebSocket): Attached => socket.deserializeAttachment() as Attached;

/** Every client that has said hello. */
export function clients(ctx: DurableObjectState): Client[] {
  const found: Client[] = [];
  for (const socket of ctx.getWebSockets()) {
    const about = attached(socket);
    if (about.clientId && !about.replaced) found.push({ socket, about: { ...about, clientId: about.clientId } });
  }
  return found;
}

export const asConnected = ({ about: { clientId, userId, available } }: Client): ConnectedClient => ({
  clientId,
  userId,
  available,
});

/** One person's one client. A client id alone is not enough: it is the browser's own word. */
export const keyOf = (who: { clientId: string; userId: string }): string => `${who.userId} ${who.clientId}`;

/** @param message already written where it goes to many */
export function send(socket: WebSocket, message: ToClient | string): boolean {
  try {
    socket.send(typeof message === "string" ? message : JSON.stringify(message));
    return true;
  } catch {
    return false; // closing: its close event follows
  }
}

export function close(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // closed already
  }
}

/** Close codes of ours, for the client to tell apart. */
export const closeCode = {
  replaced: 4001,
  signedOut: 4401,
  protocol: 4400,
  tooMany: 4429,
  silent: 4408,
  changed: 4409,
} as const;

const largestMessage = 4096;

/** What a client said, or nothing for what is no message. */
export function readMessage(data: string | ArrayBuffer): FromClient | undefined {
  if (typeof data !== "string" || data.length > largestMessage) return undefined;
  try {
    return fromClient.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

/** A person's sockets. */
export const socketsOf = (ctx: DurableObjectState, userId: UserId, which: WhichSessions): WebSocket[] =>
  ctx.getWebSockets(`user:${userId}`).filter((socket) => {
    const { sessionId } = attached(socket);
    return which === "all" || ("only" in which ? sessionId === which.only : sessionId !== which.except);
  });

/** Closes a person's sockets: those of all their sessions, of one alone, or of all but one. */
export function signOutSockets(ctx: DurableObjectState, userId: UserId, which: WhichSessions): void {
  for (const socket of socketsOf(ctx, userId, which)) {
    send(socket, { type: "error", code: "signed-out", detail: "You are signed out." });
    close(socket, closeCode.signedOut, "signed out");
  }
}

const burst = 40;
const perSecond = 10;

/** Counts what each socket says. Memory only: an object that slept has nothing to forgive. */
export class Patience {
  readonly #left = new WeakMap<WebSocket, { messages: number; at: number }>();

  /** @returns false if this socket says too much */
  allows(socket: WebSocket, now: number): boolean {
    const before = this.#left.get(socket) ?? { messages: burst, at: now };
    const messages = Math.min(burst, before.messages + ((now - before.at) / 1000) * perSecond) - 1;
    this.#left.set(socket, { messages, at: now });
    return messages >= 0;
  }

  heardAt(socket: WebSocket): number {
    return this.#left.get(socket)?.at ?? 0;
  }
}

/** Whether nothing, not even a ping answered in its sleep, came from this socket for too long. */
export function isSilent(ctx: DurableObjectState, patience: Patience, socket: WebSocket, now: number): boolean {
  const pinged = ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
  return now - Math.max(pinged, patience.heardAt(socket), attached(socket).connectedAt) > clientSilence;
}
