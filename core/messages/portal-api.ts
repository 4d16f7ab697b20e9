/** What the portal asks the edge over HTTPS: the bodies of `/api/*`. The OpenAPI document is made from these. */
import { z } from "zod";
import { callEvent, callOutcome, callRecordLeg } from "../call/record.ts";
import { doorOpener } from "../device/configuration.ts";
import { callId, deviceId, endReason, label, moment, organisationId, userId } from "./values.ts";

/** RFC 9457. `code` is stable for programs, `detail` is for a person. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  instance: z.string().optional(),
});
export type Problem = z.infer<typeof problem>;

export const role = z.enum(["owner", "administrator", "operator", "installer", "resident", "viewer"]);
export type Role = z.infer<typeof role>;

/** GET /api/me */
export const me = z.object({
  user: z.object({ id: userId, name: label, email: z.string() }),
  organisation: z.object({ id: organisationId, name: label }),
  role,
});
export type Me = z.infer<typeof me>;

/** GET /api/doors. Live state comes over `/api/live`. */
export const door = z.object({
  deviceId,
  name: label,
  site: label,
  virtual: z.boolean(),
  mayAnswer: z.boolean(),
  /** The openers that this person may use; what a page opens by unless they choose another is the first. `confirm: "ask"`: it asks once more before. */
  openers: z.array(doorOpener),
  online: z.boolean(),
  since: moment,
  /** Names of its cameras that don't answer. */
  silentCameras: z.array(label).default([]),
  /** The newest call's picture and one line about it. */
  last: z
    .object({
      callId,
      at: moment,
      outcome: callOutcome,
      answeredBy: label.optional(),
      snapshotUrl: z.string().optional(),
    })
    .optional(),
});
export const doorList = z.object({ doors: z.array(door) });
export type Door = z.infer<typeof door>;

/** GET /api/calls?cursor=&outcome=&opened=&search=&days=&site=&answeredBy=  newest first, 50 a page */
export const callSummary = z.object({
  callId,
  deviceId,
  door: label,
  site: label,
  direction: z.enum(["from-station", "to-station"]),
  outcome: callOutcome,
  reason: endReason,
  startedAt: moment,
  answeredAt: moment.optional(),
  endedAt: moment,
  answeredBy: z.object({ userId, name: label }).optional(),
  /** Who called the station, where the call went to it. */
  placedBy: z.object({ userId, name: label }).optional(),
  /** Who opened the door in this call, if anyone, and the door confirmed it. */
  openedBy: label.optional(),
  receivers: z.number().int(),
  snapshotUrl: z.string().optional(),
});
export const callList = z.object({
  calls: z.array(callSummary),
  next: z.string().optional(),
  total: z.number().int(),
  missed: z.number().int(),
  /** Who has ever answered one that the reader sees. With the first page alone. */
  people: z.array(z.object({ userId, name: label })).optional(),
});
export type CallSummary = z.infer<typeof callSummary>;

/** GET /api/calls/{callId} */
export const callDetail = callSummary.extend({
  button: label.optional(),
  legs: z.array(callRecordLeg),
  events: z.array(callEvent),
  snapshotAt: moment.optional(),
  keptUntil: moment.optional(),
});
export type CallDetail = z.infer<typeof callDetail>;

/** POST /api/virtual-station: makes the organisation's virtual station on first use. POST /api/virtual-station/press: it presses. */
export const virtualStation = z.object({ deviceId });

/** GET /api/check: what the check page needs to try UDP. */
export const check = z.object({ iceServers: z.array(z.object({ urls: z.array(z.string()) })) });

/** GET /health */
export const health = z.object({
  status: z.enum(["ok", "degraded"]),
  parts: z.record(z.string(), z.enum(["ok", "down"])),
});
