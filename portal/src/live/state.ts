/**
 * What a browser knows of its doors and calls. The schemas are here because tabs show each other this state: a tab of an
 * older build must not be believed blindly. Moments that came from the edge stay in the edge's time; `offset` leads to it.
 */
import { z } from "zod";
import { outputNumber } from "#core/device/configuration.ts";
import { doorState, mediaAccess, receiver } from "#core/messages/client.ts";
import {
  callId,
  commandId,
  type DeviceId,
  deviceId,
  doorCommandReason,
  doorCommandState,
  endReason,
  label,
  legId,
  moment,
} from "#core/messages/values.ts";

/** A call that rings here, or that has just stopped doing so. */
export const ring = z.object({
  callId,
  legId,
  deviceId,
  door: label,
  site: label,
  button: label,
  pressedAt: moment,
  ringUntil: moment,
  receivers: z.array(receiver),
  /** Absent in a tab that does not lead: it joins no room. */
  media: mediaAccess.optional(),
  snapshotUrl: z.string().optional(),
  mayOpen: z.boolean(),
  /** In this browser's time: the own limit does not trust the edge's clock. */
  receivedAt: moment,
  acknowledged: z.boolean(),
  silenced: z.boolean(),
  small: z.boolean(),
  /** Answered with the camera. */
  camera: z.boolean(),
  /** After a reconnect: until when the edge has to have said it again. In this browser's time. */
  confirmBy: moment.optional(),
  phase: z.enum(["ringing", "answering", "ended"]),
  ended: z.object({ reason: endReason, by: label.optional(), at: moment }).optional(),
});
export type Ring = z.infer<typeof ring>;

/** The one call this browser takes part in. `asking`: a call to a station left, the edge has not said yes. */
export const myCall = z.object({
  callId: callId.optional(),
  requestId: z.uuid().optional(),
  legId: legId.optional(),
  deviceId,
  door: label,
  site: label.optional(),
  direction: z.enum(["from-station", "to-station"]),
  phase: z.enum(["asking", "calling", "talking", "ended"]),
  camera: z.boolean(),
  /** No click in this tab took the call up (another tab closed, the page was loaded anew): its microphone stays off. */
  held: z.boolean(),
  startedAt: moment,
  answeredAt: moment.optional(),
  warnAt: moment.optional(),
  endsAt: moment.optional(),
  warned: z.boolean(),
  media: mediaAccess.optional(),
  snapshotUrl: z.string().optional(),
  mayOpen: z.boolean(),
  confirmBy: moment.optional(),
  ended: z
    .object({ reason: z.union([endReason, z.enum(["offline", "busy", "not-allowed", "unknown"])]), at: moment })
    .optional(),
});
export type MyCall = z.infer<typeof myCall>;

/** The newest command to a door's output. `asking`: it has left this browser, the edge has not said anything yet. */
export const doorCommand = z.object({
  commandId,
  deviceId,
  /** Of the opener that was asked for. */
  output: outputNumber.optional(),
  callId: callId.optional(),
  by: label.optional(),
  mine: z.boolean(),
  state: z.union([z.literal("asking"), doorCommandState]),
  reason: doorCommandReason.optional(),
  at: moment,
});
export type DoorCommand = z.infer<typeof doorCommand>;

export const liveState = z.object({
  connection: z.enum(["connecting", "online", "offline", "signed-out"]),
  /** When `connection` last changed, in this browser's time. */
  since: moment,
  /** The edge's clock less this browser's, milliseconds. */
  offset: z.number(),
  /** Milliseconds from a ping to its answer. */
  latency: z.number().optional(),
  /** How often the edge has said which doors it knows; after that, one that is not among them never registered. */
  welcomes: z.number().int(),
  doors: z.record(z.string(), doorState),
  rings: z.array(ring),
  call: myCall.optional(),
  commands: z.record(z.string(), doorCommand),
  /** The history's newest change. `count` grows, so that a change of the same call is a change too. */
  recorded: z.object({ count: z.number().int(), callId: callId.optional() }),
  /** The newest device that came, went or said something of itself, how many did, and how many times a door is shown otherwise. */
  changed: z.object({ count: z.number().int(), doors: z.number().int(), deviceId: deviceId.optional() }),
  /** How often the organisation was offered by or to this person, or that was over. */
  offers: z.number().int(),
});
export type LiveState = z.infer<typeof liveState>;

/** Before anything is known. */
export function emptyState(now: number): LiveState {
  return {
    connection: "connecting",
    since: now,
    offset: 0,
    welcomes: 0,
    doors: {},
    rings: [],
    commands: {},
    recorded: { count: 0 },
    changed: { count: 0, doors: 0 },
    offers: 0,
  };
}

/** Whether a door can be reached: as the list of doors says (`listed`), until the edge has said it live. */
export function isOnline(
  live: Pick<LiveState, "welcomes" | "doors">,
  { deviceId, online: listed }: { deviceId: DeviceId; online: boolean },
): boolean {
  return live.welcomes > 0 ? (live.doors[deviceId]?.online ?? false) : listed;
}

/** The same state without what only the leading tab may hold: the tokens of rooms. */
export function withoutMedia(state: LiveState): LiveState {
  return {
    ...state,
    rings: state.rings.map((one) => ({ ...one, media: undefined })),
    call: state.call && { ...state.call, media: undefined },
  };
}
