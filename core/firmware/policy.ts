/** Which releases a device takes by itself, and when: as its device, its site or its organisation says, the nearest first. */
import { z } from "zod";
import { type MaintenanceWindow, maintenanceWindows, type SiteHours } from "../schedule/maintenance-window.ts";
import { isFor, type PublishedRelease } from "./published.ts";
import type { NamePlate } from "./release.ts";

/** `manual`: none, until somebody rolls one out. */
export const updatePolicy = z.enum(["all", "security-critical", "manual"]);
export type UpdatePolicy = z.infer<typeof updatePolicy>;

/** What is said at one of the three places. Absent: what the next farther one says. */
export const updateSetting = z.strictObject({
  policy: updatePolicy.optional(),
  windows: maintenanceWindows.optional(),
});
export type UpdateSetting = z.infer<typeof updateSetting>;

export interface Update {
  policy: UpdatePolicy;
  /** In the site's time. None: at any time. */
  windows: readonly MaintenanceWindow[];
}

/** Where nobody has said anything: what is dangerous is mended at night, the rest is somebody's decision. */
export const untilSaid: Update = {
  policy: "security-critical",
  windows: [{ days: [1, 2, 3, 4, 5, 6, 7], from: 2 * 60, length: 3 * 60 }],
};

/** @param nearestFirst the device's, the site's and the organisation's */
export const policyFor = (...nearestFirst: (UpdateSetting | undefined)[]): Update => ({
  policy: nearestFirst.find((one) => one?.policy)?.policy ?? untilSaid.policy,
  windows: nearestFirst.find((one) => one?.windows)?.windows ?? untilSaid.windows,
});

/** The hours in which a device of that site may start anew. Undefined: at any time. */
export const restartHours = ({ windows }: Update, timeZone: string): SiteHours | undefined =>
  windows.length === 0 ? undefined : { windows: [...windows], timeZone };

/** Whether a release, or one on the way to it that this device does not have, mends a weakness. @param runs the number it has */
export const isCriticalFrom = (
  all: readonly PublishedRelease[],
  to: NamePlate & { number: number },
  runs: number,
): boolean => all.some((one) => isFor(one, to) && one.critical && one.number > runs && one.number <= to.number);

/** Whether such a device takes it by itself. */
export const takes = (policy: UpdatePolicy, critical: boolean): boolean =>
  policy === "all" || (policy === "security-critical" && critical);
