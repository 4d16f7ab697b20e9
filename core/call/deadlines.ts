/** When a call must be looked at again though nobody says anything. Pure: moments in, moments out. */
import { clientGrace, planTime, witnessTime } from "./limits.ts";
import type { CallState } from "./state.ts";

export type Deadline =
  | { what: "plan-time-out"; at: number }
  | { what: "ring-time-out"; at: number }
  | { what: "warn"; at: number }
  | { what: "time-limit"; at: number }
  | { what: "person-lost"; at: number }
  | { what: "media-node-lost"; at: number };

/** Every deadline of the call, the earliest first. */
export function deadlines(state: CallState): Deadline[] {
  const due: Deadline[] = [];
  switch (state.phase) {
    case "planning":
      due.push({ what: "plan-time-out", at: state.startedAt + planTime });
      break;
    case "ringing":
    case "placing":
      due.push({ what: "ring-time-out", at: state.ringUntil });
      break;
    case "talking":
      if (!state.warned) due.push({ what: "warn", at: state.warnAt });
      due.push({ what: "time-limit", at: state.endsAt });
      break;
    case "ended":
      return [];
  }
  if (state.ending) return due; // over already, only waiting to learn the door's name
  const person = state.legs.find((leg) => leg.legId === state.person);
  if (person?.goneAt !== undefined) due.push({ what: "person-lost", at: person.goneAt + clientGrace });
  // Two witnesses: a lost link alone ends no call, and nor does a browser that hears nothing.
  if (state.linkLostAt !== undefined && state.mediaLostAt !== undefined) {
    due.push({ what: "media-node-lost", at: Math.max(state.linkLostAt + witnessTime, state.mediaLostAt) });
  }
  if (state.missingAt !== undefined) due.push({ what: "media-node-lost", at: state.missingAt + witnessTime });
  return due.sort((a, b) => a.at - b.at);
}

/** The moment for the alarm, or nothing once the call has ended. */
export function nextDeadline(state: CallState): number | undefined {
  return deadlines(state)[0]?.at;
}
