/** What a device is told when a person asks it for its newest release: to start it in its maintenance hours, or at once. */
import { restartHours } from "#core/firmware/policy.ts";
import type { DeviceCommand } from "#core/messages/device.ts";
import type { CommandRequest } from "#core/messages/device-api.ts";
import type { OrganisationDb } from "#db/client.ts";
import type { DevicePlace } from "#db/queries/device-list.ts";
import { firmwarePolicies, updateOf } from "#db/queries/firmware-policy.ts";
import { siteRows } from "#db/queries/sites.ts";

type AskedUpdate = Extract<CommandRequest, { do: "update-firmware" }>;

/** By where a device stands. Its hours are told with the command: it waits for them by its own clock. */
export async function updateCommand(
  db: OrganisationDb,
  { restart }: AskedUpdate,
): Promise<(place: Pick<DevicePlace, "deviceId" | "siteId">) => DeviceCommand> {
  if (restart === "at-once") return () => ({ do: "update-firmware" });
  const [policies, sites] = await Promise.all([firmwarePolicies(db), siteRows(db)]);
  const zones = new Map(sites.map(({ siteId, timeZone }) => [siteId, timeZone]));
  return (place) => {
    const zone = zones.get(place.siteId);
    const restartIn = zone && restartHours(updateOf(policies, place), zone);
    return { do: "update-firmware", ...(restartIn ? { restartIn } : {}) };
  };
}
