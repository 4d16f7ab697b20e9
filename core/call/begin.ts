/** What begins a call: a press at the door, or a person who calls it. */
import { ringTime } from "./limits.ts";
import type { CallEvent } from "./record.ts";
import type { CallState, Leg } from "./state.ts";
import type { EventOf, Turn } from "./turn.ts";

/** The call as it is while the database is asked for its door. @param now milliseconds */
export function begin(event: EventOf<"pressed" | "placed">, now: number): Turn {
  return { state: event.type === "pressed" ? pressed(event, now) : placed(event, now), effects: [{ type: "plan" }] };
}

const planning = ({ callId, nodeId, deviceId, stationLegId }: EventOf<"pressed" | "placed">, now: number) => ({
  callId,
  phase: "planning" as const,
  nodeId,
  deviceId,
  stationLegId,
  startedAt: now,
  now,
  ready: false,
  ringUntil: now + ringTime,
  confirmed: false,
  warnAt: now + ringTime,
  endsAt: now + ringTime,
  warned: false,
});

function pressed(event: EventOf<"pressed">, now: number): CallState {
  const { button, traceparent } = event;
  const events: CallEvent[] = [{ at: now, what: { type: "pressed", button: button || "?" } }];
  return {
    ...planning(event, now),
    direction: "from-station",
    button,
    ...(traceparent ? { traceparent } : {}),
    legs: [],
    events,
  };
}

function placed(event: EventOf<"placed">, now: number): CallState {
  const { legId, clientId, userId, name, role } = event.caller;
  const caller: Leg = { legId, clientId, userId, name, role, fate: "answered", toldAt: now };
  return {
    ...planning(event, now),
    direction: "to-station",
    button: "",
    requestId: event.requestId,
    askedBy: event.askedBy,
    legs: [caller],
    person: legId,
    events: [{ at: now, what: { type: "called", by: name, userId } }],
  };
}
