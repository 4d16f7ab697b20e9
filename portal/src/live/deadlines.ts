/** What of the live state ends by time alone. Pure: time is a parameter. */
import { clientRingTime, doorCommandLife } from "#core/call/limits.ts";
import { endCall, endRing, putCommand } from "./changes.ts";
import type { DoorCommand, LiveState, MyCall, Ring } from "./state.ts";

/** How long a ring that is over stays to say why. Milliseconds. */
export const ringEndShown = 2_000;
/** How long a call that is over stays to say why. Milliseconds. */
export const callEndShown = 3_000;
/** How long a door has to answer before "The door did not answer": the command's life and the way back. Milliseconds. */
export const doorAnswerTime = doorCommandLife + 1_000;

/** After a new socket's welcome the edge says again what rings and talks; what it does not is over. Milliseconds. */
export const confirmTime = 3_000;
/** The edge ends a call at its limit. This browser ends it by itself so much later. Milliseconds. */
export const endPatience = 5_000;

/** @param now this browser's time, milliseconds since the epoch */
export function onTime(state: LiveState, now: number): LiveState {
  let next = state;
  for (const one of state.rings) {
    if (now < ringDeadline(one)) continue;
    if (one.ended) next = { ...next, rings: next.rings.filter((other) => other.callId !== one.callId) };
    else {
      const reason = now >= one.receivedAt + clientRingTime ? "no-answer" : "failed";
      next = endRing(next, one.callId, { reason, at: now });
    }
  }
  const { call } = state;
  if (call && now >= callDeadline(call, state.offset)) {
    if (call.phase === "ended") next = { ...next, call: undefined };
    else if (call.phase !== "talking") next = endCall(next, "no-answer", now);
    else next = endCall(next, call.confirmBy !== undefined ? "person-lost" : "time-limit", now);
  }
  for (const command of Object.values(state.commands)) {
    if (isOpen(command) && now + state.offset >= command.at + doorAnswerTime) {
      next = putCommand(next, { ...command, state: "failed", reason: "no-reply", at: now + state.offset });
    }
  }
  return next;
}

/** When `time` next changes something, in this browser's time; undefined when nothing waits for it. */
export function nextDeadline(state: LiveState): number | undefined {
  const deadlines = state.rings.map(ringDeadline);
  if (state.call) deadlines.push(callDeadline(state.call, state.offset));
  for (const command of Object.values(state.commands)) {
    if (isOpen(command)) deadlines.push(command.at - state.offset + doorAnswerTime);
  }
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}

const never = Number.POSITIVE_INFINITY;

const ringDeadline = (one: Ring): number =>
  one.ended ? one.ended.at + ringEndShown : Math.min(one.receivedAt + clientRingTime, one.confirmBy ?? never);

function callDeadline(call: MyCall, offset: number): number {
  if (call.ended) return call.ended.at + callEndShown;
  if (call.phase !== "talking") return call.startedAt - offset + clientRingTime;
  return Math.min(call.confirmBy ?? never, (call.endsAt ?? never) - offset + endPatience);
}

const isOpen = (command: DoorCommand): boolean => command.state === "asking" || command.state === "sent";
