/** What remains of a call: the history's row, its legs and its time line. Written once, when the call has ended. */
import { z } from "zod";
import {
  callId,
  commandId,
  deviceId,
  doorCommandReason,
  doorCommandState,
  endReason,
  label,
  legFate,
  legId,
  moment,
  organisationId,
  userId,
} from "../messages/values.ts";

export const callOutcome = z.enum(["answered", "missed", "broken", "placed"]);
export type CallOutcome = z.infer<typeof callOutcome>;

export const callRecordLeg = z.object({
  legId,
  userId,
  name: label,
  via: z.enum(["browser", "phone", "station"]),
  fate: legFate,
  toldAt: moment.optional(),
  rangAt: moment.optional(),
  endedAt: moment.optional(),
});

/** One line of the time line. Names are copied in: the history stays true when people are renamed or leave. */
export const callEvent = z.object({
  at: moment,
  what: z.discriminatedUnion("type", [
    z.object({ type: z.literal("pressed"), button: label }),
    z.object({ type: z.literal("called"), by: label, userId }),
    z.object({ type: z.literal("rang"), legId, name: label }),
    z.object({ type: z.literal("declined"), legId, name: label }),
    z.object({ type: z.literal("answered"), legId, name: label }),
    z.object({
      type: z.literal("door"),
      commandId,
      by: label,
      userId,
      state: doorCommandState,
      reason: doorCommandReason.optional(),
    }),
    z.object({ type: z.literal("warned") }),
    z.object({ type: z.literal("ended"), reason: endReason, by: label.optional() }),
  ]),
});
export type CallEvent = z.infer<typeof callEvent>;

export const callRecord = z.object({
  callId,
  organisationId,
  deviceId,
  direction: z.enum(["from-station", "to-station"]),
  /** As they were called then. */
  door: label,
  site: label,
  button: label.optional(),
  startedAt: moment,
  answeredAt: moment.optional(),
  endedAt: moment,
  outcome: callOutcome,
  reason: endReason,
  answeredBy: z.object({ userId, name: label }).optional(),
  /** Who called the station, where the call went to it. */
  placedBy: z.object({ userId, name: label }).optional(),
  legs: z.array(callRecordLeg),
  events: z.array(callEvent),
});
export type CallRecord = z.infer<typeof callRecord>;
