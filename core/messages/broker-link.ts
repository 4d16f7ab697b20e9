/**
 * Between the broker of a media node and the edge. What happens to devices goes by HTTP, that of many in one request, and what one said
 * is acknowledged to it once the edge has stored it. What is said to devices comes over one WebSocket, at once or not at all: what
 * must last lies in the database, and a device that connects is told what it missed.
 */
import { z } from "zod";
import { desiredMessage } from "../device/configuration.ts";
import { certificatesRevoked } from "./claiming.ts";
import { deviceCommand, upMessage } from "./device.ts";
import { commandId, deviceId, moment, nodeName } from "./values.ts";

/** Over `/media-node/devices?node=`. */
export const toBroker = z.discriminatedUnion("type", [
  z.object({ type: z.literal("desired"), deviceId, desired: desiredMessage }),
  certificatesRevoked,
  z.object({ type: z.literal("command"), deviceId, commandId, command: deviceCommand, expiresAt: moment }),
]);
export type ToBroker = z.infer<typeof toBroker>;

/** First on the socket, and all that comes from the broker's side: who is connected there now. */
export const brokerHello = z.object({ type: z.literal("hello"), devices: z.array(deviceId).max(20_000) });

/** It came, it went, or it said something. */
export const deviceEvent = z.object({
  deviceId,
  event: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("came") }),
    z.object({ kind: z.literal("went") }),
    ...upMessage.options,
  ]),
});
export type DeviceEvent = z.infer<typeof deviceEvent>;

/** Of one request. */
export const mostEvents = 128;
/** Octets of one request: twice the largest message, and room for many usual ones. */
export const largestEvents = 256 * 1024;

/** POST /media-node/devices/events: what happened at this node's broker, in its order. */
export const deviceEvents = z.strictObject({ node: nodeName, events: z.array(deviceEvent).max(mostEvents) });

/** How one went. `stored`: with what to tell the device now. */
export const eventOutcome = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("stored"), desired: desiredMessage.optional() }),
  /** Nobody owns the device. */
  z.object({ outcome: z.literal("unknown-device") }),
  z.object({ outcome: z.literal("failed") }),
]);
export type EventOutcome = z.infer<typeof eventOutcome>;
/** One for each event, in their order. */
export const eventOutcomes = z.object({ outcomes: z.array(eventOutcome) });
