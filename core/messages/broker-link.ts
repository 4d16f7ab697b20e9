/**
 * Between the broker of a media node and the edge. What devices say goes by HTTP, a request each, and is acknowledged to
 * the device once the edge has stored it. What is said to devices comes over one WebSocket, at once or not at all: what
 * must last lies in the database, and a device that connects is told what it missed.
 */
import { z } from "zod";
import { desiredMessage } from "../device/configuration.ts";
import { deviceCommand } from "./device.ts";
import { commandId, deviceId, moment, nodeName } from "./values.ts";

/** Over `/media-node/devices?node=`. */
export const toBroker = z.discriminatedUnion("type", [
  z.object({ type: z.literal("desired"), deviceId, desired: desiredMessage }),
  z.object({ type: z.literal("command"), deviceId, commandId, command: deviceCommand, expiresAt: moment }),
]);
export type ToBroker = z.infer<typeof toBroker>;

/** First on the socket, and all that comes from the broker's side: who is connected there now. */
export const brokerHello = z.object({ type: z.literal("hello"), devices: z.array(deviceId).max(20_000) });

/** POST /media-node/devices/{deviceId}/presence: it came or it went. */
export const presence = z.strictObject({ node: nodeName, connected: z.boolean() });

/** What POST /media-node/devices/{deviceId}/messages answers: what to tell the device now. */
export const said = z.object({ desired: desiredMessage.optional() });
