/** From the press, or a person's call, to what rings. */
import { finish } from "./ending.ts";
import { pictureTime, ringTime, talkLimit } from "./limits.ts";
import type { PlannedLeg } from "./plan.ts";
import { type DoorContext, isRinging } from "./state.ts";
import { talkTimeOf } from "./talking.ts";
import { type EventOf, personIn, type Turn } from "./turn.ts";

/** The door is known, and who belongs to it. A call that is over already ends now, with the door's name. */
export function planned(turn: Turn, { door, legs, talkTime }: EventOf<"planned">): void {
  const { state } = turn;
  if (state.phase !== "planning") return;
  state.door = door;
  if (talkTime !== undefined && talkTime < talkLimit) state.talkTime = talkTime;
  if (state.direction === "to-station") callStation(turn, door);
  else ringPeople(turn, door, legs);
}

function callStation(turn: Turn, { organisationId }: DoorContext): void {
  const { state, effects } = turn;
  if (state.ending) {
    finish(turn, "nobody");
    return;
  }
  const caller = personIn(state);
  if (!caller) return;
  state.phase = "placing";
  state.ringUntil = state.now + ringTime;
  const { callId, stationLegId, deviceId, ringUntil } = state;
  const about = {
    callId,
    legId: stationLegId,
    deviceId,
    caller: caller.legId,
    callerName: caller.name,
    organisationId,
    ringUntil,
    talkTime: talkTimeOf(state),
  };
  effects.push({ type: "gateway", message: { type: "invite", ...about } }, { type: "calling", leg: caller.legId });
}

function ringPeople(turn: Turn, door: DoorContext, legs: readonly PlannedLeg[]): void {
  const { state, effects } = turn;
  if (door.button) state.events[0] = { at: state.startedAt, what: { type: "pressed", button: door.button } };
  if (state.ending) {
    state.legs = legs.map((leg) => ({
      ...leg,
      fate: leg.fate === "told" ? "offline" : leg.fate,
      clientId: undefined,
    }));
    finish(turn, "nobody");
    return;
  }
  state.legs = legs.map((leg) => (leg.fate === "told" ? { ...leg, toldAt: state.now } : { ...leg }));
  const told = state.legs.filter(isRinging).map((leg) => leg.legId);
  state.phase = "ringing";
  if (told.length > 0) effects.push({ type: "ring", legs: told });
  // Nobody to ring: the press is held for the caller's picture alone, so that the missed call has one.
  state.ringUntil = state.now + (told.length > 0 ? ringTime : pictureTime);
  effects.push({ type: "gateway-ringing" });
}
