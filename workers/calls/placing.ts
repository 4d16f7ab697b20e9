/** A person calls a station from the browser. */
import { may } from "#core/access/permissions.ts";
import type { SessionEvent } from "#core/call/state.ts";
import type { FromClient } from "#core/messages/client.ts";
import { type ClientId, callId, legId } from "#core/messages/values.ts";
import type { DoorDesk } from "./door-opening.ts";
import type { Attached } from "./sockets.ts";

export type Placed = Extract<SessionEvent, { type: "placed" }>;

/** The call's beginning, or why there is none. */
export function placeCall(
  { doors, mayReach, organisation }: DoorDesk,
  about: Attached & { clientId: ClientId },
  { requestId, deviceId }: Extract<FromClient, { type: "call" }>,
): Placed | "offline" | "busy" | "not-allowed" | "unknown" {
  if (!may(about.role, "place-call")) return "not-allowed";
  if (!doors.knows(deviceId) || !mayReach(about, deviceId)) return "unknown";
  const nodeId = doors.nodeOf(deviceId);
  if (!nodeId) return "offline";
  if (doors.callAt(deviceId)) return "busy";
  const { clientId, userId, name, role } = about;
  return {
    type: "placed",
    callId: callId.parse(crypto.randomUUID()),
    stationLegId: legId.parse(crypto.randomUUID()),
    deviceId,
    nodeId,
    requestId,
    askedBy: organisation(),
    caller: { legId: legId.parse(crypto.randomUUID()), clientId, userId, name, role },
  };
}
