/** From the answer on: how long may be talked, and who is told. */
import { talkLimit, warningTime } from "./limits.ts";
import type { CallState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** How long this call's talk may last. Milliseconds. */
export const talkTimeOf = (state: CallState): number => state.talkTime ?? talkLimit;

/** Somebody answered, the person at the door or the one at the browser. */
export function talk({ state, effects }: Turn): void {
  if (!state.person) return;
  state.phase = "talking";
  state.answeredAt = state.now;
  state.endsAt = state.now + talkTimeOf(state);
  state.warnAt = state.endsAt - warningTime;
  if (state.direction === "from-station") {
    const { callId, person: winner, endsAt: talkUntil, warnAt } = state;
    effects.push({ type: "gateway", message: { type: "answer", callId, winner, talkUntil, warnAt } });
  } else {
    state.confirmed = true;
  }
  effects.push({ type: "talking", leg: state.person });
}
