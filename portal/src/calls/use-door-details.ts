/** What the door list knows of one door beside its live state. */
import { useQuery } from "@tanstack/react-query";
import { type Door, doorList } from "#core/messages/portal-api.ts";
import type { DeviceId } from "#core/messages/values.ts";

/** @returns undefined until the list is there, and where the person may not see the door */
export function useDoorDetails(deviceId: DeviceId | undefined): Door | undefined {
  const { data } = useQuery({
    queryKey: ["calls", "doors"],
    queryFn: async ({ signal }) => {
      const response = await fetch("/api/doors", { signal });
      if (!response.ok) throw new Error(`The door list answered ${response.status}`);
      return doorList.parse(await response.json()).doors;
    },
    enabled: deviceId !== undefined,
    staleTime: 10_000,
  });
  return data?.find((door) => door.deviceId === deviceId);
}
