/** How a browser's state follows from what the edge says and what the person does. Pure: time is a parameter. */
import type { MediaAccess, ToClient } from "#core/messages/client.ts";
import type { CallId, CommandId, DeviceId } from "#core/messages/values.ts";
import { changeCall, changeRing, endCall, endRing, putCommand } from "./changes.ts";
import { confirmTime, onTime } from "./deadlines.ts";
import type { DoorCommand, LiveState, MyCall, Ring } from "./state.ts";

export type LiveEvent =
  | { type: "message"; message: ToClient }
  | { type: "connection"; connection: LiveState["connection"] }
  | { type: "latency"; latency: number }
  | { type: "acknowledged"; callId: CallId }
  | { type: "answering"; callId: CallId; camera: boolean }
  | { type: "declined"; callId: CallId }
  | { type: "silenced"; callId: CallId }
  | { type: "small"; callId: CallId; small: boolean }
  | { type: "to-front"; callId: CallId }
  | { type: "ring-dismissed"; callId: CallId }
  | { type: "call-asked"; requestId: string; deviceId: DeviceId; door: string; site?: string; camera: boolean }
  /** This tab leads now; `asked`: a person wanted it, by answering, calling or bringing the call here. */
  | { type: "led"; asked: boolean }
  /** The person lets the microphone of this tab into the call. */
  | { type: "taken-up" }
  | { type: "hung-up" }
  | { type: "call-dismissed" }
  | { type: "door-asked"; deviceId: DeviceId; output?: number; commandId: CommandId; callId?: CallId }
  | { type: "time" };

/** @param now this browser's time, milliseconds since the epoch */
export function reduce(state: LiveState, event: LiveEvent, now: number): LiveState {
  switch (event.type) {
    case "message":
      return onMessage(state, event.message, now);
    case "connection":
      return event.connection === state.connection ? state : { ...state, connection: event.connection, since: now };
    case "latency":
      return { ...state, latency: event.latency };
    case "acknowledged":
      return changeRing(state, event.callId, (one) => ({ ...one, acknowledged: true }));
    case "answering":
      return changeRing(state, event.callId, (one) =>
        one.phase === "ringing"
          ? { ...one, phase: "answering", camera: event.camera, silenced: true, small: false }
          : one,
      );
    case "declined":
      return { ...state, rings: state.rings.filter((one) => one.callId !== event.callId) };
    case "silenced":
      return changeRing(state, event.callId, (one) => ({ ...one, silenced: true }));
    case "small":
      return changeRing(state, event.callId, (one) => ({ ...one, small: event.small }));
    case "to-front": {
      const front = state.rings.find((one) => one.callId === event.callId);
      if (!front) return state;
      return { ...state, rings: [{ ...front, small: false }, ...state.rings.filter((one) => one !== front)] };
    }
    case "ring-dismissed":
      return { ...state, rings: state.rings.filter((one) => one.callId !== event.callId || one.phase !== "ended") };
    case "call-asked":
      if (state.call && state.call.phase !== "ended") return state;
      return {
        ...state,
        call: {
          requestId: event.requestId,
          deviceId: event.deviceId,
          door: event.door,
          site: event.site,
          direction: "to-station",
          phase: "asking",
          camera: event.camera,
          held: false,
          startedAt: now + state.offset,
          warned: false,
          mayOpen: false,
        },
      };
    case "led":
      return onLed(state, event.asked);
    case "taken-up":
      return state.call ? { ...state, call: { ...state.call, held: false } } : state;
    case "hung-up":
      return endCall(state, "hung-up-by-person", now);
    case "call-dismissed":
      return state.call?.phase === "ended" ? { ...state, call: undefined } : state;
    case "door-asked":
      return putCommand(state, {
        commandId: event.commandId,
        deviceId: event.deviceId,
        output: event.output,
        callId: event.callId,
        mine: true,
        state: "asking",
        at: now + state.offset,
      });
    case "time":
      return onTime(state, now);
  }
}

/**
 * Whoever closes the tab they talk in, or loads it anew, has not asked for the next one to listen: what was taken up elsewhere
 * is held here, and what was being answered rings again until the edge says otherwise.
 */
function onLed(state: LiveState, asked: boolean): LiveState {
  if (asked) return state.call ? { ...state, call: { ...state.call, held: false } } : state;
  return {
    ...state,
    call: state.call && { ...state.call, held: true, camera: false },
    rings: state.rings.map((one) => (one.phase === "answering" ? { ...one, phase: "ringing", camera: false } : one)),
  };
}

function onMessage(state: LiveState, message: ToClient, now: number): LiveState {
  switch (message.type) {
    case "welcome":
      return {
        ...state,
        rings: state.rings.map((one) => (one.phase === "ended" ? one : { ...one, confirmBy: now + confirmTime })),
        call: state.call?.phase === "talking" ? { ...state.call, confirmBy: now + confirmTime } : state.call,
        connection: "online",
        since: state.connection === "online" ? state.since : now,
        offset: message.now - now,
        welcomes: state.welcomes + 1,
        doors: Object.fromEntries(message.doors.map((door) => [door.deviceId, door])),
      };
    case "door-state":
      return { ...state, doors: { ...state.doors, [message.door.deviceId]: message.door } };
    case "ring":
      return onRing({ ...state, offset: message.now - now }, message, now);
    case "receivers":
      return changeRing(state, message.callId, (one) => ({ ...one, receivers: message.receivers }));
    case "snapshot": {
      const rung = changeRing(state, message.callId, (one) => ({ ...one, snapshotUrl: message.snapshotUrl }));
      return changeCall(rung, message.callId, (call) => ({ ...call, snapshotUrl: message.snapshotUrl }));
    }
    case "media-ready": {
      const ready = <T extends { media?: MediaAccess }>(one: T): T => ({
        ...one,
        media: one.media && { ...one.media, ready: true },
      });
      return changeCall(changeRing(state, message.callId, ready), message.callId, ready);
    }
    case "ring-end":
      return endRing(state, message.callId, { reason: message.reason, by: message.by, at: now });
    case "answer-refused":
      return endRing(state, message.callId, { reason: "answered-elsewhere", at: now });
    case "talking":
      return onTalking({ ...state, offset: message.now - now }, message);
    case "calling": {
      const call = state.call;
      if (!call || call.requestId !== message.requestId || call.phase === "ended") return state;
      const { callId, legId, deviceId, door, site, media, mayOpen } = message;
      return { ...state, call: { ...call, callId, legId, deviceId, door, site, media, mayOpen, phase: "calling" } };
    }
    case "call-refused": {
      const call = state.call;
      if (!call || call.requestId !== message.requestId || call.phase === "ended") return state;
      return { ...state, call: { ...call, phase: "ended", ended: { reason: message.reason, at: now } } };
    }
    case "call-warning":
      return changeCall(state, message.callId, (call) => ({ ...call, warned: true, endsAt: message.endsAt }));
    case "call-end":
      return state.call?.callId === message.callId
        ? endCall(state, message.reason, now)
        : endRing(state, message.callId, { reason: message.reason, at: now });
    case "door-command":
      return onDoorCommand(state, message);
    case "call-recorded":
      return { ...state, recorded: { count: state.recorded.count + 1, callId: message.callId } };
    case "device-changed":
      return { ...state, changed: onChanged(state.changed, message) };
    case "ownership-changed":
      return { ...state, offers: state.offers + 1 };
    case "error":
      return message.code === "signed-out" ? { ...state, connection: "signed-out", since: now } : state;
    case "pong":
      return message.now === undefined ? state : { ...state, offset: message.now - now };
  }
}

function onChanged(
  { count, doors }: LiveState["changed"],
  { deviceId, door }: Extract<ToClient, { type: "device-changed" }>,
): LiveState["changed"] {
  return { count: count + 1, doors: doors + (door ? 1 : 0), deviceId };
}

function onRing(state: LiveState, message: Extract<ToClient, { type: "ring" }>, now: number): LiveState {
  const { type: _type, now: _now, ...said } = message;
  const known = state.rings.find((one) => one.callId === said.callId);
  if (known?.phase === "ended") return state;
  if (known) {
    // Sent again after a reconnect: what the person did here, and the own limit's start, stay.
    return changeRing(state, said.callId, (one) => ({
      ...one,
      ...said,
      confirmBy: undefined,
      snapshotUrl: said.snapshotUrl ?? one.snapshotUrl,
    }));
  }
  const fresh: Ring = {
    ...said,
    receivedAt: now,
    acknowledged: false,
    silenced: false,
    small: false,
    camera: false,
    phase: "ringing",
  };
  return { ...state, rings: [...state.rings, fresh] };
}

function onTalking(state: LiveState, message: Extract<ToClient, { type: "talking" }>): LiveState {
  const { type: _type, now: _now, ...said } = message;
  const rung = state.rings.find((one) => one.callId === said.callId);
  const before = state.call?.callId === said.callId ? state.call : undefined;
  if (before?.phase === "ended") return state;
  const call: MyCall = {
    direction: before?.direction ?? "from-station",
    camera: before?.camera ?? rung?.camera ?? false,
    held: before?.held ?? rung?.phase !== "answering",
    startedAt: before?.startedAt ?? rung?.pressedAt ?? said.answeredAt,
    warned: before?.warned ?? false,
    snapshotUrl: before?.snapshotUrl ?? rung?.snapshotUrl,
    requestId: before?.requestId,
    ...said,
    phase: "talking",
  };
  return { ...state, call, rings: state.rings.filter((one) => one !== rung) };
}

function onDoorCommand(state: LiveState, message: Extract<ToClient, { type: "door-command" }>): LiveState {
  const { type: _type, userId: _userId, ...said } = message;
  const before = state.commands[said.deviceId];
  if (before && before.commandId !== said.commandId && before.at > said.at) return state; // late news of an older one
  const same = before?.commandId === said.commandId ? before : undefined;
  // Once the door has answered, a later "failed" of the same command (a repeat) does not undo what it said.
  if (same && order(same.state) > order(said.state)) return state;
  return putCommand(state, { ...said, mine: same?.mine ?? false });
}

const order = (state: DoorCommand["state"]): number =>
  ({ asking: 0, sent: 1, failed: 2, refused: 2, confirmed: 3, open: 4, closed: 5 })[state];
