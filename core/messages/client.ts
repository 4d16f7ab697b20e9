/**
 * Every message between a client (a browser's leading tab) and the edge, over the WebSocket at `/api/live`.
 * The cookie session says who the person is; nothing in a message does. Version 1.
 */
import { z } from "zod";
import { outputNumber } from "../device/configuration.ts";
import {
  callId,
  clientId,
  commandId,
  deviceId,
  doorCommandReason,
  doorCommandState,
  doorContact,
  endReason,
  label,
  legFate,
  legId,
  moment,
  userId,
} from "./values.ts";

export const clientProtocol = 1;

/** What a client says. */
export const fromClient = z.discriminatedUnion("type", [
  /** First on every socket. The same `clientId` after a reconnect is the same receiver. Answered by `welcome`. */
  z.object({
    type: z.literal("hello"),
    protocol: z.literal(clientProtocol),
    clientId,
    /** True once a click in this browser has played a sound, and while the person has not switched "Rings here" off. */
    available: z.boolean(),
  }),
  z.object({ type: z.literal("availability"), available: z.boolean() }),
  /** This client rings: the sound plays or the sheet shows. Only now does the history say "rang". */
  z.object({ type: z.literal("rang"), callId, legId }),
  z.object({ type: z.literal("answer"), callId, legId, camera: z.boolean() }),
  z.object({ type: z.literal("decline"), callId, legId }),
  z.object({ type: z.literal("hang-up"), callId }),
  /**
   * Open a door, in a call or without one, by the opener that the person sees: its output, or else their first. The same
   * `commandId` sent twice fires once. Answered by `door-command`.
   */
  z.object({
    type: z.literal("open-door"),
    commandId,
    deviceId,
    output: outputNumber.optional(),
    callId: callId.optional(),
  }),
  /** Call a station. `requestId` comes back in `calling` or `call-refused`. */
  z.object({ type: z.literal("call"), requestId: z.uuid(), deviceId, camera: z.boolean() }),
  /**
   * Whether the station's sound arrives: said when it stops for 2 s in a call, and when it is back. It is the second
   * witness that a media node died; the first is the node's own link.
   */
  z.object({ type: z.literal("media"), callId, flowing: z.boolean() }),
  /** Exactly `{"type":"ping"}`: the edge answers it without waking up. */
  z.object({ type: z.literal("ping") }),
]);
export type FromClient = z.infer<typeof fromClient>;

/** How to reach the call's LiveKit room. While ringing, the token allows to subscribe only. */
export const mediaAccess = z.object({
  url: z.string(), // ws(s)://… of LiveKit's signalling
  token: z.string(), // short-lived; identity = leg id, room = call id
  /** The station's participant: whom to listen to, and whom alone to let subscribe. */
  stationLegId: legId,
  /** True: the room is there. Otherwise joining may fail with "not found" until `media-ready` comes. */
  ready: z.boolean().optional(),
});
export type MediaAccess = z.infer<typeof mediaAccess>;

/** One who is rung, as the others see it. */
export const receiver = z.object({
  legId,
  userId,
  name: label,
  via: z.enum(["browser", "phone", "station"]),
  fate: legFate,
});
export type Receiver = z.infer<typeof receiver>;

/** A door as the list shows it, live. */
export const doorState = z.object({
  deviceId,
  online: z.boolean(),
  /** When `online` last changed. */
  since: moment,
  contact: doorContact,
  /** Why the door can't be talked to just now, if so: it is ringing or in a call (with whom). */
  call: z.object({ callId, phase: z.enum(["ringing", "talking"]), with: label.optional(), since: moment }).optional(),
});
export type DoorState = z.infer<typeof doorState>;

/** A call that rings here. Also sent again after a reconnect. */
const ringing = {
  callId,
  legId,
  deviceId,
  door: label,
  site: label,
  button: label,
  pressedAt: moment,
  ringUntil: moment,
  receivers: z.array(receiver),
  media: mediaAccess,
  /** Signed and expiring; absent until it was taken. */
  snapshotUrl: z.string().optional(),
  mayOpen: z.boolean(),
};

/** A call that this client takes part in. */
const talking = {
  callId,
  legId,
  deviceId,
  door: label,
  site: label,
  answeredAt: moment,
  warnAt: moment,
  endsAt: moment,
  media: mediaAccess,
  mayOpen: z.boolean(),
};

/** What the edge says. */
export const toClient = z.discriminatedUnion("type", [
  z.object({ type: z.literal("welcome"), protocol: z.literal(clientProtocol), now: moment, doors: z.array(doorState) }),
  z.object({ type: z.literal("door-state"), door: doorState }),
  z.object({ type: z.literal("ring"), now: moment, ...ringing }),
  /** Somebody else's ringing changed: rang, declined, … */
  z.object({ type: z.literal("receivers"), callId, receivers: z.array(receiver) }),
  z.object({ type: z.literal("snapshot"), callId, snapshotUrl: z.string() }),
  /** The room is there and the station's tracks are published: join now, if joining failed before. */
  z.object({ type: z.literal("media-ready"), callId }),
  /** This client's ringing is over. `by` names who answered, where one did. */
  z.object({ type: z.literal("ring-end"), callId, reason: endReason, by: label.optional() }),
  /** You are the one. Publish now. Sent again after a reconnect while the call lasts. */
  z.object({ type: z.literal("talking"), now: moment, ...talking }),
  /** Your call to a station was accepted; join the room, the station rings. `talking` follows its answer. */
  z.object({
    type: z.literal("calling"),
    requestId: z.uuid(),
    callId,
    legId,
    deviceId,
    door: label,
    site: label,
    media: mediaAccess,
    mayOpen: z.boolean(),
  }),
  z.object({
    type: z.literal("call-refused"),
    requestId: z.uuid(),
    reason: z.enum(["offline", "busy", "not-allowed", "unknown"]),
  }),
  /** Too late: another was first, or the caller left. A `ring-end` follows or came before. */
  z.object({ type: z.literal("answer-refused"), callId }),
  z.object({ type: z.literal("call-warning"), callId, endsAt: moment }),
  z.object({ type: z.literal("call-end"), callId, reason: endReason }),
  /** To everyone who may see the door: how a command fares, and whose it is. */
  z.object({
    type: z.literal("door-command"),
    commandId,
    deviceId,
    /** Of the opener that was asked for. Absent: their first. */
    output: outputNumber.optional(),
    callId: callId.optional(),
    by: label,
    userId,
    state: doorCommandState,
    reason: doorCommandReason.optional(),
    at: moment,
  }),
  /** The history has a new or a changed line. */
  z.object({ type: z.literal("call-recorded"), callId }),
  /** A device came, went, or said something of itself: what was shown of it is old; `door`: among the doors, too. */
  z.object({ type: z.literal("device-changed"), deviceId, door: z.boolean().optional() }),
  /** The organisation was offered to this person, or by them, or that is over. */
  z.object({ type: z.literal("ownership-changed") }),
  z.object({
    type: z.literal("error"),
    code: z.enum(["bad-message", "protocol", "signed-out", "too-many"]),
    detail: z.string(),
  }),
  /** No `now`: answered without waking the edge up, so nobody looked at a clock. */
  z.object({ type: z.literal("pong"), now: moment.optional() }),
]);
export type ToClient = z.infer<typeof toClient>;
