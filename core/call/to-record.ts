/** What the history keeps of an ended call. */
import type { EndReason } from "../messages/values.ts";
import type { CallOutcome, CallRecord } from "./record.ts";
import type { CallState } from "./state.ts";

const broken: ReadonlySet<EndReason> = new Set(["media-node-lost", "failed"]);

/** The record of an ended call, or nothing while it lasts, or if its door was never known. */
export function toRecord(state: CallState): CallRecord | undefined {
  const { ending, door } = state;
  if (state.phase !== "ended" || !ending || !door) return undefined;
  const answered = wasAnswered(state);
  return {
    callId: state.callId,
    organisationId: door.organisationId,
    deviceId: state.deviceId,
    direction: state.direction,
    door: door.name,
    site: door.site,
    ...(door.button ? { button: door.button } : {}),
    startedAt: state.startedAt,
    ...(answered && state.answeredAt !== undefined ? { answeredAt: state.answeredAt } : {}),
    endedAt: ending.at,
    outcome: outcomeOf(state, answered, ending.reason),
    reason: ending.reason,
    ...personOf(state, answered),
    legs: state.legs.map((leg) => ({
      legId: leg.legId,
      userId: leg.userId,
      name: leg.name,
      via: "browser" as const,
      fate: leg.fate,
      ...(leg.toldAt === undefined ? {} : { toldAt: leg.toldAt }),
      ...(leg.rangAt === undefined ? {} : { rangAt: leg.rangAt }),
      ...(leg.endedAt === undefined ? {} : { endedAt: leg.endedAt }),
    })),
    events: state.events,
  };
}

/** Whose call it was: who answered the door, or who called it. */
function personOf(
  { direction, legs, person }: CallState,
  answered: boolean,
): Pick<CallRecord, "answeredBy" | "placedBy"> {
  const leg = legs.find((one) => one.legId === person);
  if (!leg) return {};
  const who = { userId: leg.userId, name: leg.name };
  if (direction === "to-station") return { placedBy: who };
  return answered ? { answeredBy: who } : {};
}

/** An answer that crossed with the visitor's leaving was none: the station never heard it. */
function wasAnswered(state: CallState): boolean {
  return state.answeredAt !== undefined && (state.confirmed || state.ending?.reason !== "caller-left");
}

function outcomeOf(state: CallState, answered: boolean, reason: EndReason): CallOutcome {
  if (broken.has(reason)) return "broken";
  if (state.direction === "to-station") return "placed";
  return answered ? "answered" : "missed";
}
