/** What is known of one call, and what can happen to it. Plain data: it is stored as JSON and read again after every await. */

import type { Opener } from "../access/door-openers.ts";
import type { Receiver } from "../messages/client.ts";
import type { ToGateway } from "../messages/media-node.ts";
import type { Role } from "../messages/portal-api.ts";
import type {
  CallId,
  ClientId,
  CommandId,
  DeviceId,
  DoorCommandReason,
  DoorCommandState,
  EndReason,
  LegFate,
  LegId,
  OrganisationId,
  UserId,
} from "../messages/values.ts";
import type { PlannedLeg } from "./plan.ts";
import type { CallEvent } from "./record.ts";

/**
 * `planning`: the press (or a person's call) is taken, the database is being asked. `ringing`: a visitor pressed and
 * receivers ring. `placing`: a person calls and the station rings. `talking`. `ended`: for good.
 */
export type Phase = "planning" | "ringing" | "placing" | "talking" | "ended";

export interface Leg {
  legId: LegId;
  /** Absent for one that never rang. */
  clientId?: ClientId;
  userId: UserId;
  name: string;
  role: Role;
  fate: LegFate;
  toldAt?: number;
  rangAt?: number;
  endedAt?: number;
  /** When its client's socket closed, while it has not come back. */
  goneAt?: number;
}

/** The door as it was called when the call began. */
export interface DoorContext {
  organisationId: OrganisationId;
  name: string;
  site: string;
  /** The pressed button's label. */
  button?: string;
  openers?: Opener[];
}

export interface CallState {
  callId: CallId;
  direction: "from-station" | "to-station";
  phase: Phase;
  /** The media node that carries the call. */
  nodeId: string;
  deviceId: DeviceId;
  stationLegId: LegId;
  startedAt: number;
  /** The latest moment seen: time never goes backwards here, whatever the clock does. */
  now: number;
  button: string;
  /** The asking message of a person's call, and whose switchboard took it: the device must be of the same house. */
  requestId?: string;
  askedBy?: OrganisationId;
  /** Of the gateway's call, where it keeps a trace (core/trace/context.ts). */
  traceparent?: string;
  /** Known once planned. */
  door?: DoorContext;
  legs: Leg[];
  /** The leg that talks: the winner, or the caller. */
  person?: LegId;
  /** The room is there and the station's tracks are in it. */
  ready: boolean;
  /** When the caller's picture was stored. */
  snapshotAt?: number;
  ringUntil: number;
  answeredAt?: number;
  /** The gateway carried the answer out. */
  confirmed: boolean;
  /** How long may be talked, where that is less than the data sheet's limit. */
  talkTime?: number;
  warnAt: number;
  endsAt: number;
  warned: boolean;
  linkLostAt?: number;
  mediaLostAt?: number;
  /** When the node, back again, did not name this call among its live ones. */
  missingAt?: number;
  /** The one outcome. May be set while still planning: then the call ends as soon as the door is known. */
  ending?: { reason: EndReason; at: number; by?: string };
  events: CallEvent[];
}

/** Who speaks: a message counts only if its leg belongs to this person's client. */
interface Sender {
  clientId: ClientId;
  userId: UserId;
}

export type SessionEvent =
  | {
      type: "pressed";
      callId: CallId;
      stationLegId: LegId;
      deviceId: DeviceId;
      nodeId: string;
      button: string;
      traceparent?: string | undefined;
    }
  | {
      type: "placed";
      callId: CallId;
      stationLegId: LegId;
      deviceId: DeviceId;
      nodeId: string;
      requestId: string;
      askedBy: OrganisationId;
      caller: Sender & { legId: LegId; name: string; role: Role };
    }
  | { type: "planned"; door: DoorContext; legs: PlannedLeg[]; talkTime?: number }
  | { type: "plan-failed"; why: "unknown" | "failed" }
  | ({ type: "rang" | "answer" | "decline"; legId: LegId } & Sender)
  | ({ type: "hang-up" | "client-closed" | "client-returned" | "client-silent" } & Sender)
  | ({ type: "media"; flowing: boolean } & Sender)
  | { type: "room-ready" | "snapshot-taken" | "caller-left" | "station-ringing" | "station-answered" | "answered" }
  /** This person may not take part any more: left, removed, of another role, or the door shared no longer. */
  | { type: "access-ended"; userId: UserId }
  | { type: "station-refused"; sipStatus: number }
  | { type: "call-ended"; reason: EndReason }
  | {
      type: "door-command";
      commandId: CommandId;
      by: string;
      userId: UserId;
      state: DoorCommandState;
      reason?: DoorCommandReason;
    }
  | { type: "link-lost" | "link-back" | "missing" | "media-node-lost" }
  /** Nothing happened but time. */
  | { type: "time" };

/**
 * What must follow. Messages that carry tokens or addresses are named by intent and written when they leave, from the
 * state at that moment: a `ring` that waited in the outbox until the call was over rings nobody.
 */
export type Effect =
  | { type: "plan" }
  | { type: "gateway"; message: Exclude<ToGateway, { type: "welcome" | "ringing" | "command" | "virtual-press" }> }
  /** `ringing` to the gateway, with a snapshot token. */
  | { type: "gateway-ringing" }
  | { type: "ring"; legs: LegId[] }
  | { type: "talking"; leg: LegId }
  | { type: "calling"; leg: LegId }
  | { type: "call-refused"; leg: LegId; requestId: string; reason: "offline" | "busy" | "not-allowed" | "unknown" }
  | { type: "receivers" }
  | { type: "snapshot" }
  | { type: "save-snapshot" }
  | { type: "media-ready"; legs: LegId[] }
  | { type: "ring-end"; legs: LegId[]; reason: EndReason; by?: string }
  | { type: "answer-refused"; leg: LegId }
  | { type: "call-warning"; leg: LegId }
  | { type: "call-end"; leg: LegId; reason: EndReason }
  /** To the organisation: this door is free again. That it rings or talks goes with the message that says so. */
  | { type: "door-free" }
  /** Save the record as it is now, then tell the organisation. */
  | { type: "record" };

/** One who is rung, as the others see it. */
export const asReceiver = (leg: Leg): Receiver => ({
  legId: leg.legId,
  userId: leg.userId,
  name: leg.name,
  via: "browser",
  fate: leg.fate,
});

/** Whether this leg's client makes a noise, as far as we know. */
export const isRinging = (leg: Leg): boolean =>
  leg.clientId !== undefined && (leg.fate === "told" || leg.fate === "rang") && leg.endedAt === undefined;
