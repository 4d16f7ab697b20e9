/**
 * What the gateway and a Symphony station say to each other beside calls: SIP MESSAGE (RFC 3428) over the station's own
 * flow, with this JSON as the body. The station answers a command with 200 and then reports by a MESSAGE of its own.
 */
import { z } from "zod";
import { commandId, doorContact, moment } from "./values.ts";

export const stationContentType = "application/vnd.symphony.station+json";

export const toStation = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("fire-output"),
    commandId,
    output: z.number().int().min(1).max(16),
    pulse: z.number().int().min(100).max(60_000),
    expiresAt: moment,
  }),
]);
export type ToStation = z.infer<typeof toStation>;

export const fromStation = z.discriminatedUnion("type", [
  /** `fired`: the output is on. `repeated`: it was fired before under this command. `expired`, `no-output`: it was not fired. */
  z.object({ type: z.literal("output"), commandId, result: z.enum(["fired", "repeated", "expired", "no-output"]) }),
  z.object({ type: z.literal("contact"), contact: doorContact }),
]);
export type FromStation = z.infer<typeof fromStation>;
