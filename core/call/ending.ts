/** How a call ends: once, whatever else was on its way. */
import type { EndReason } from "../messages/values.ts";
import { isRinging } from "./state.ts";
import { note, personIn, type Turn } from "./turn.ts";

/** @param from who brought the news: the gateway needs no telling of what it said itself */
export function end(turn: Turn, reason: EndReason, by?: string, from?: "station"): void {
  const { state } = turn;
  if (state.ending) return;
  state.ending = { reason, at: state.now, ...(by ? { by } : {}) };
  if (state.phase === "planning" && !state.door) return; // ends when the door is known: the history wants its name
  finish(turn, from === "station" ? "nobody" : "gateway");
}

/** Every end of a call whose door is known goes through here, once. */
export function finish(turn: Turn, tell: "gateway" | "nobody"): void {
  const { state, effects } = turn;
  if (!state.ending) return;
  const { reason, by } = state.ending;
  const { callId } = state;
  const wasPlanning = state.phase === "planning";
  state.phase = "ended";
  silence(turn, reason);
  const person = personIn(state);
  if (person) {
    person.endedAt = state.now;
    effects.push({ type: "call-end", leg: person.legId, reason });
  }
  note(turn, { type: "ended", reason, ...(by ? { by } : {}) });
  if (tell === "gateway") {
    effects.push({
      type: "gateway",
      message: wasPlanning ? { type: "refuse", callId, sipStatus: 480, reason } : { type: "end", callId, reason },
    });
  }
  effects.push({ type: "door-free" }, { type: "record" });
}

/** The call can't be planned: nothing rang, and without a door there is nothing to record. */
export function refuse({ state, effects }: Turn, why: "unknown" | "failed"): void {
  state.phase = "ended";
  state.ending ??= { reason: "failed", at: state.now };
  const { callId, requestId, person } = state;
  if (state.direction === "from-station") {
    const sipStatus = why === "unknown" ? 404 : 503;
    effects.push({ type: "gateway", message: { type: "refuse", callId, sipStatus, reason: "failed" } });
  } else if (person && requestId) {
    effects.push({ type: "call-refused", leg: person, requestId, reason: "unknown" }, { type: "door-free" });
  }
}

/** Stops whatever still rings. */
export function silence({ state, effects }: Turn, reason: EndReason, by?: string): void {
  const ringing = state.legs.filter(isRinging);
  if (ringing.length === 0) return;
  for (const leg of ringing) leg.endedAt = state.now;
  effects.push({ type: "ring-end", legs: ringing.map((leg) => leg.legId), reason, ...(by ? { by } : {}) });
}
