/** One turn of a call's table: a copy of its state that the rules change, and the effects they name. */
import type { CallEvent } from "./record.ts";
import type { CallState, Effect, Leg, SessionEvent } from "./state.ts";

export interface Turn {
  readonly state: CallState;
  readonly effects: Effect[];
}

/** The event of that type, for the rule that takes it. */
export type EventOf<T extends SessionEvent["type"]> = Extract<SessionEvent, { type: T }>;

/** @param now milliseconds; earlier than the latest moment seen counts as that moment */
export function turnOf(before: CallState, now: number): Turn {
  const legs = before.legs.map((leg) => ({ ...leg }));
  return { state: { ...before, legs, events: [...before.events], now: Math.max(before.now, now) }, effects: [] };
}

/** A line of the call's story. */
export function note({ state }: Turn, what: CallEvent["what"]): void {
  state.events.push({ at: state.now, what });
}

/** The leg that talks: the winner, or who called. */
export const personIn = (state: CallState): Leg | undefined => state.legs.find((leg) => leg.legId === state.person);

interface Sender {
  clientId: string;
  userId: string;
}

/** A message counts only if its leg belongs to this person's client. */
export const legsOf = (state: CallState, { clientId, userId }: Sender): Leg[] =>
  state.legs.filter((leg) => leg.clientId === clientId && leg.userId === userId);

export const legOf = (state: CallState, sender: Sender & { legId: string }): Leg | undefined =>
  legsOf(state, sender).find((leg) => leg.legId === sender.legId);

export const isPerson = (state: CallState, sender: Sender): boolean =>
  legsOf(state, sender).some((leg) => leg.legId === state.person);
