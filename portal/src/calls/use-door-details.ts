/** What the door list knows of one door beside its live state. */
import { useQuery } from "@tanstack/react-query";
import type { Door } from "#core/messages/portal-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { doorsQuery } from "../api/queries.ts";

/** @returns undefined until the list is there, and where the person may not see the door */
export function useDoorDetails(deviceId: DeviceId | undefined): Door | undefined {
  const { data } = useQuery({ ...doorsQuery, enabled: deviceId !== undefined });
  return data?.find((door) => door.deviceId === deviceId);
}
