/**
 * What the gateway and a Symphony station say to each other beside calls: SIP MESSAGE (RFC 3428) over the station's own
 * flow, with this JSON as the body. The station answers a command with 200 and then reports by a MESSAGE of its own.
 */
import { z } from "zod";
import { commandId, doorContact, moment } from "./values.ts";

export const stationContentType = "application/vnd.symphony.station+json";

export const toStation = z.discriminatedUnion("type", [
  z
    .object({
      type: z.literal("fire-output"),
      commandId: commandId.describe("Fired once, however often it comes."),
      output: z.number().int().min(1).max(16),
      pulse: z.number().int().min(100).max(60_000).describe("How long the output is on, in milliseconds."),
      expiresAt: moment.describe("Not fired any more from then on."),
    })
    .describe("Switch a door's output on."),
]);
export type ToStation = z.infer<typeof toStation>;

export const fromStation = z.discriminatedUnion("type", [
  z
    .object({
      type: z.literal("output"),
      commandId,
      result: z
        .enum(["fired", "repeated", "expired", "no-output"])
        .describe(
          "`fired`: it is on. `repeated`: it was fired before under this command. `expired`, `no-output`: it was not.",
        ),
    })
    .describe("How a command went: at once, after the 200."),
  z
    .object({ type: z.literal("contact"), contact: doorContact.describe("`none`: no contact is fitted.") })
    .describe("Once after the registration, and whenever it changes."),
]);
export type FromStation = z.infer<typeof fromStation>;
