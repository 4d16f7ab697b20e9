/**
 * Every message between a media node's SIP gateway and the edge, over the one WebSocket at `/media-node/link`.
 * Frames are numbered; each side keeps its messages until the other acknowledged them and sends them again after a
 * reconnect; the receiver drops numbers it has seen. Version 1.
 */
import { z } from "zod";
import { talkLimit } from "../call/limits.ts";
import { traceparent } from "../trace/context.ts";
import { certificatesRevoked } from "./claiming.ts";
import {
  callId,
  commandId,
  deviceId,
  doorCommandReason,
  doorCommandState,
  doorContact,
  endReason,
  label,
  legId,
  moment,
  organisationId,
} from "./values.ts";

export const mediaNodeProtocol = 1;

/** A live call as the gateway knows it, for reconciling after a reconnect. */
const liveCall = z.object({ callId, deviceId, phase: z.enum(["ringing", "talking"]) });

/** What the gateway says. */
export const fromGateway = z.discriminatedUnion("type", [
  /**
   * First on every connection, outside the numbering. `epoch` is drawn anew when the gateway process starts: a new epoch
   * means that every call of the old one is lost (`media-node-lost`). `received` is the last number seen from the edge in this epoch.
   */
  z.object({
    type: z.literal("hello"),
    protocol: z.literal(mediaNodeProtocol),
    nodeId: label,
    epoch: z.uuid(),
    received: z.number().int(),
    registrations: z.array(z.object({ deviceId, contact: doorContact, since: moment })),
    liveCalls: z.array(liveCall),
  }),
  z.object({ type: z.literal("registered"), deviceId, at: moment }),
  z.object({
    type: z.literal("unregistered"),
    deviceId,
    at: moment,
    reason: z.enum(["asked", "expired", "flow-lost"]),
  }),
  /** The id that the next press will have: what takes long about a new call can be done before anyone waits for it. */
  z.object({ type: z.literal("next-call"), callId }),
  /** A visitor pressed. 180 has gone out, the room is being made. `button` is the user part of the request URI. */
  z.object({
    type: z.literal("press"),
    callId,
    legId,
    deviceId,
    button: z.string().max(64),
    at: moment,
    video: z.boolean(),
    traceparent: traceparent.optional(),
  }),
  /** The station's tracks are published: clients can join and see. */
  z.object({ type: z.literal("room-ready"), callId }),
  z.object({ type: z.literal("caller-left"), callId, at: moment }), // CANCEL
  z.object({ type: z.literal("station-ringing"), callId }), // 180 to our INVITE
  z.object({ type: z.literal("station-answered"), callId, at: moment }), // 200 to our INVITE
  z.object({ type: z.literal("station-refused"), callId, sipStatus: z.number().int() }), // ≥ 300 to our INVITE
  z.object({ type: z.literal("call-ended"), callId, at: moment, reason: endReason }), // BYE, lost flow, the gateway's own limit
  /** The answer was carried out: 200 sent and acknowledged by the station. */
  z.object({ type: z.literal("answered"), callId, at: moment }),
  z.object({
    type: z.literal("command-state"),
    commandId,
    deviceId,
    state: doorCommandState,
    reason: doorCommandReason.optional(),
    at: moment,
  }),
  z.object({ type: z.literal("contact"), deviceId, contact: doorContact, at: moment }),
]);
export type FromGateway = z.infer<typeof fromGateway>;

/** What the edge says. */
export const toGateway = z.discriminatedUnion("type", [
  /** Answer to `hello`, outside the numbering. Calls the edge does not know (any more) are to be ended. */
  z.object({
    type: z.literal("welcome"),
    protocol: z.literal(mediaNodeProtocol),
    received: z.number().int(),
    endCalls: z.array(callId),
  }),
  /** The press was taken: these legs may hear and see the station while it rings. */
  z.object({
    type: z.literal("ringing"),
    callId,
    organisationId,
    listeners: z.array(legId).max(32),
    ringUntil: moment,
    /** Where to PUT the snapshot (JPEG), and the bearer token for this call alone. */
    snapshot: z.object({ url: z.string(), token: z.string() }),
  }),
  /** The press can't ring anyone, or the device is unknown. */
  z.object({ type: z.literal("refuse"), callId, sipStatus: z.number().int().min(400).max(699), reason: endReason }),
  /** This leg won: let it publish, let station and winner hear each other, remove the other listeners, send 200. */
  z.object({
    type: z.literal("answer"),
    callId,
    winner: legId,
    talkUntil: moment,
    warnAt: moment,
    traceparent: traceparent.optional(),
  }),
  /** Call a station for a person. Answered by `station-…`. `caller` is the person's leg, which may publish at once. */
  z.object({
    type: z.literal("invite"),
    callId,
    legId,
    deviceId,
    caller: legId,
    callerName: label,
    organisationId,
    ringUntil: moment,
    /** How long may be talked once the station answers, in milliseconds. */
    talkTime: z.number().int().positive().max(talkLimit),
    traceparent: traceparent.optional(),
  }),
  /** These may not hear and see the station any more, while others still ring: out of the room with them. */
  z.object({ type: z.literal("dismiss"), callId, listeners: z.array(legId).max(32) }),
  z.object({ type: z.literal("end"), callId, reason: endReason }),
  z.object({ type: z.literal("warn"), callId }), // 30 s before the end: the station hears a beep
  /** Fire a door's output. Sent once, never queued for a station that is away. */
  z.object({
    type: z.literal("command"),
    commandId,
    deviceId,
    output: z.number().int().min(1).max(16),
    pulse: z.number().int().min(100).max(60_000),
    expiresAt: moment,
  }),
  /** Let the virtual station of an organisation press its button (the first run's "try it"). */
  z.object({ type: z.literal("virtual-press"), deviceId }),
  certificatesRevoked,
]);
export type ToGateway = z.infer<typeof toGateway>;

/** What a numbered frame looks like on the wire, in both directions. `ack` is the last number received in order. */
export const frame = <T extends z.ZodType>(body: T) =>
  z.object({ seq: z.number().int().positive(), ack: z.number().int().nonnegative(), body });
export const ackFrame = z.object({ ack: z.number().int().nonnegative() });
