/** The small changes that the live state is made of. Pure. */
import type { CallId } from "#core/messages/values.ts";
import type { DoorCommand, LiveState, MyCall, Ring } from "./state.ts";

export function endRing(state: LiveState, callId: CallId, ended: NonNullable<Ring["ended"]>): LiveState {
  return changeRing(state, callId, (one) => {
    // `answer-refused` and `ring-end` come in either order; the one that names who answered is the one to show.
    if (one.ended) return { ...one, ended: { ...one.ended, by: one.ended.by ?? ended.by } };
    return { ...one, phase: "ended", ended, media: undefined };
  });
}

export function endCall(state: LiveState, reason: NonNullable<MyCall["ended"]>["reason"], now: number): LiveState {
  if (!state.call || state.call.phase === "ended") return state;
  return { ...state, call: { ...state.call, phase: "ended", ended: { reason, at: now }, media: undefined } };
}

export function changeRing(state: LiveState, callId: CallId, change: (one: Ring) => Ring): LiveState {
  if (!state.rings.some((one) => one.callId === callId)) return state;
  return { ...state, rings: state.rings.map((one) => (one.callId === callId ? change(one) : one)) };
}

export function changeCall(state: LiveState, callId: CallId, change: (call: MyCall) => MyCall): LiveState {
  return state.call?.callId === callId ? { ...state, call: change(state.call) } : state;
}

export function putCommand(state: LiveState, command: DoorCommand): LiveState {
  return { ...state, commands: { ...state.commands, [command.deviceId]: command } };
}
