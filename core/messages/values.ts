/** The small values that every message between parts is made of. */
import { z } from "zod";

/** Identifiers are lower-case UUIDs. A call's identifier is also its LiveKit room's name and is never used again. */
export const callId = z.uuid().brand("CallId");
export const legId = z.uuid().brand("LegId");
export const deviceId = z.uuid().brand("DeviceId");
/** One command to a door's output. The station fires once for it, however often it arrives. */
export const commandId = z.uuid().brand("CommandId");
/** One browser (its leading tab) or one phone: what rings. */
export const clientId = z.uuid().brand("ClientId");
export const teamId = z.uuid().brand("TeamId");

/** better-auth's identifiers: opaque. */
export const userId = z.string().min(1).max(64).brand("UserId");
export const organisationId = z.string().min(1).max(64).brand("OrganisationId");

export type CallId = z.infer<typeof callId>;
export type LegId = z.infer<typeof legId>;
export type DeviceId = z.infer<typeof deviceId>;
export type CommandId = z.infer<typeof commandId>;
export type ClientId = z.infer<typeof clientId>;
export type TeamId = z.infer<typeof teamId>;
export type UserId = z.infer<typeof userId>;
export type OrganisationId = z.infer<typeof organisationId>;

/** A media node's name, as in `?node=`, and the one it has where there is no other. */
export const nodeName = z.string().regex(/^[\w.-]{1,64}$/, "is 1 to 64 letters, digits, dots or dashes");
export const onlyNode = "media-node";

/** A moment, in milliseconds since the Unix epoch. */
export const moment = z.number().int().nonnegative();

/** Text a person reads: a name, a label. */
export const label = z.string().min(1).max(200);

/** Why a call or a leg ended. One list, used by the state table, the messages and the history. */
export const endReason = z.enum([
  "hung-up-by-person", // the person who answered, or who called, pressed End
  "hung-up-by-station", // BYE from the station
  "caller-left", // CANCEL before an answer
  "declined", // every receiver declined, or the station refused
  "no-answer", // ring time-out
  "nobody-available", // nobody permitted at this door was there to ring
  "answered-elsewhere", // a leg's end only: another receiver was first
  "time-limit", // 10 minutes of talk, or what the platform allows
  "person-lost", // the answering client's socket closed, or fell silent
  "station-lost", // the station's flow failed
  "media-node-lost", // the media node died: recorded as broken
  "failed", // an error of ours: recorded as broken
]);
export type EndReason = z.infer<typeof endReason>;

/**
 * The fate of one receiver.
 * `told`: the message left; `rang`: that client acknowledged ringing; `offline`: was not connected or not available;
 * `not-allowed`: connected, but may not answer this door.
 */
export const legFate = z.enum(["told", "rang", "answered", "declined", "offline", "not-allowed"]);
export type LegFate = z.infer<typeof legFate>;

/** How far a command to a door's output got. The first four come in this order; `failed` and `refused` end it. */
export const doorCommandState = z.enum(["sent", "confirmed", "open", "closed", "failed", "refused"]);
export type DoorCommandState = z.infer<typeof doorCommandState>;

/** Why a door command failed or was refused. */
export const doorCommandReason = z.enum(["offline", "expired", "no-reply", "no-output", "not-allowed", "device-error"]);
export type DoorCommandReason = z.infer<typeof doorCommandReason>;

/** What is known of a door's contact. `none`: no contact is fitted. */
export const doorContact = z.enum(["none", "closed", "open"]);
export type DoorContact = z.infer<typeof doorContact>;
