/** How a rollout begins: whom it concerns, and who goes first. */
import type { HardwareRevision } from "../device/revision.ts";
import { isCriticalFrom } from "./policy.ts";
import { isFor, isNewsFor, type PublishedRelease } from "./published.ts";
import { begun, stepsOf } from "./rollout.ts";

interface Hardware<Id extends string> {
  deviceId: Id;
  model: string;
  revision: HardwareRevision;
  /** The release that it said it runs. */
  release: number | null;
}

export interface Concerned<Device> {
  device: Device;
  /** Whether the release mends a weakness of what it runs. */
  critical: boolean;
}

/** The devices that get something else by a release. One that never said what it runs can't be judged. */
export const concernedBy = <Device extends Hardware<string>>(
  releases: readonly PublishedRelease[],
  to: PublishedRelease,
  devices: readonly Device[],
): Concerned<Device>[] =>
  devices.flatMap((device) => {
    const { release: runs } = device;
    if (runs === null || !isFor(device, to) || !isNewsFor(releases, to, runs)) return [];
    return [{ device, critical: isCriticalFrom(releases, to, runs) }];
  });

/** @param now milliseconds */
export function beginning<Id extends string>(
  to: PublishedRelease,
  concerned: readonly Concerned<Hardware<Id>>[],
  how: { approval: boolean; steps?: readonly number[] },
  now: number,
) {
  const stands = begun(now, how);
  const ids = concerned.map(({ device }) => device.deviceId);
  const steps = stepsOf(ids, to.number, stands.steps);
  return {
    plate: { model: to.model, revision: to.revision },
    release: { number: to.number, critical: to.critical === true, note: to.note },
    stands,
    members: concerned.map(({ device, critical }) => ({
      deviceId: device.deviceId,
      step: steps.get(device.deviceId) ?? 0,
      critical,
    })),
  };
}
