/** What the portal asks the edge about the logs of devices: `/api/devices/{deviceId}/logs`. */
import { z } from "zod";
import { logLine } from "../device/log.ts";
import { label, moment } from "./values.ts";

export const deviceLogRow = z.object({
  logId: z.uuid(),
  /** The device sent its lines as they came, on one day (UTC). Else somebody asked for it. */
  streamed: z.boolean(),
  askedBy: label.optional(),
  /** When it came, or its last line did. */
  at: moment,
  keptUntil: moment,
  lines: z.number().int(),
  /** Those of them that are warnings or worse. */
  warnings: z.number().int(),
  octets: z.number().int(),
});
export type DeviceLogRow = z.infer<typeof deviceLogRow>;

/** GET /api/devices/{deviceId}/logs: the newest first, and what became of the last time that it was asked for one. */
export const deviceLogList = z.object({
  request: z.object({ state: z.enum(["asked", "arrived", "offline", "failed"]), at: moment, by: label }).optional(),
  logs: z.array(deviceLogRow),
});
export type DeviceLogList = z.infer<typeof deviceLogList>;

/** GET /api/devices/{deviceId}/logs/{logId} */
export const deviceLogContents = z.object({ log: deviceLogRow, lines: z.array(logLine) });

/** POST /device/log: how many lines were kept, and how many were none. */
export const streamedLines = z.object({ kept: z.number().int(), dropped: z.number().int() });
