/** Looking after open sockets: who fell silent or is gone in a call, and whose time here is over. */
import type { SessionEvent } from "#core/call/state.ts";
import type { CallId, UserId } from "#core/messages/values.ts";
import type { CallLegs } from "./call-legs.ts";
import { attached, clients, close, closeCode, isSilent, keyOf, type Patience } from "./sockets.ts";

interface Word {
  callId: CallId;
  event: SessionEvent;
}

/**
 * Who takes part in a call must be heard: a silent socket is closed, a missing one is told, also after the edge was away.
 * @returns what the calls have to hear
 */
export function lostClients(ctx: DurableObjectState, legs: CallLegs, patience: Patience, now: number): Word[] {
  const sockets = new Map(clients(ctx).map(({ socket, about }) => [keyOf(about), socket]));
  return legs.live().flatMap(({ callId, clientId, userId }): Word[] => {
    const socket = sockets.get(keyOf({ clientId, userId }));
    if (!socket) return [{ callId, event: { type: "client-closed", clientId, userId } }];
    if (!isSilent(ctx, patience, socket, now)) return [];
    close(socket, closeCode.silent, "silent");
    return [{ callId, event: { type: "client-silent", clientId, userId } }];
  });
}

/** Whose share of a door has ended while their sockets were open. */
export function overdue(ctx: DurableObjectState, now: number): Set<UserId> {
  const ended = ctx
    .getWebSockets()
    .map(attached)
    .filter(({ until }) => until !== undefined && until <= now);
  return new Set(ended.map(({ userId }) => userId));
}

/** When the first share ends by which an open socket gets to a door. */
export function firstEnd(ctx: DurableObjectState): number | undefined {
  const ends = ctx.getWebSockets().flatMap((socket) => attached(socket).until ?? []);
  return ends.length > 0 ? Math.min(...ends) : undefined;
}
