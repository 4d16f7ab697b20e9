/** Between the bench and the processes that simulate devices. */
import { z } from "zod";
import { deviceId } from "#core/messages/values.ts";

/** What the bench says to this process. */
export const order = z.object({
  port: z.number(),
  ca: z.string(),
  devices: z.array(z.object({ id: deviceId, certificate: z.string(), key: z.string() })),
});
/** What this process says to the bench, every so often. */
export const progress = z.object({
  connected: z.number(),
  /** Devices whose report of a version was acknowledged, by version. */
  reported: z.record(z.string(), z.number()),
});
export type Order = z.infer<typeof order>;
export type Progress = z.infer<typeof progress>;
