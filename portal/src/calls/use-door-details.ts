/** What the door list knows of one door beside its live state. */
import { useQuery } from "@tanstack/react-query";
import type { Door } from "#core/messages/portal-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { doorsQuery } from "../api/queries.ts";
import { useLivePart } from "../live/hooks.ts";
import { isOnline } from "../live/state.ts";

/** @returns undefined until the list is there, and where the person may not see the door */
export function useDoorDetails(deviceId: DeviceId | undefined): Door | undefined {
  const { data } = useQuery({ ...doorsQuery, enabled: deviceId !== undefined });
  return data?.find((door) => door.deviceId === deviceId);
}

/** Whether a door can be reached. A door that is not in the list either counts as reachable: the edge decides. */
export function useDoorOnline(deviceId: DeviceId): boolean {
  const listed = useDoorDetails(deviceId)?.online ?? true;
  return useLivePart((live) => isOnline(live, { deviceId, online: listed }));
}
