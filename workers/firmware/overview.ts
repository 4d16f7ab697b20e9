/** GET /api/firmware and /api/rollouts/{rolloutId}: what is published, what runs where, and how rollouts are going. */
import type { z } from "zod";
import { modelNamed } from "#core/device/models.ts";
import { policyFor } from "#core/firmware/policy.ts";
import { isFor, type PublishedRelease, releasesIn, wayBack } from "#core/firmware/published.ts";
import { nobody, type Tally } from "#core/firmware/rollout.ts";
import type {
  firmwareOverview,
  HardwareShown,
  RolloutId,
  RolloutShown,
  rolloutDetail,
} from "#core/messages/firmware-api.ts";
import { opensNext } from "#core/schedule/maintenance-window.ts";
import type { OrganisationDb } from "#db/client.ts";
import { changesOf } from "#db/queries/device-list.ts";
import { type FirmwareDevice, firmwareDevices } from "#db/queries/firmware-devices.ts";
import { type FirmwarePolicies, firmwarePolicies, updateOf } from "#db/queries/firmware-policy.ts";
import { membersOf, pendingMembers, type StoredMember } from "#db/queries/rollout-devices.ts";
import { rolloutById, rolloutRows, type StoredRollout, talliesOf } from "#db/queries/rollouts.ts";
import { siteRows } from "#db/queries/sites.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

/** As many rollouts as the page shows; older ones are in the audit. */
const shownRollouts = 60;

export const unknownRollout = () => problem(404, "unknown-rollout", "There is no such rollout here.");

interface Known {
  releases: readonly PublishedRelease[];
  devices: readonly FirmwareDevice[];
  policies: FirmwarePolicies;
  members: readonly StoredMember[];
}

/** When the next window of somebody begins whose turn it is. */
function nextWindow(rollout: StoredRollout, { devices, policies, members }: Known, now: number) {
  if (rollout.state !== "running" && rollout.state !== "done") return undefined;
  const turn = new Set(
    members
      .filter(({ rolloutId, state }) => rolloutId === rollout.id && state === "waits")
      .filter(({ step }) => rollout.state === "done" || step <= rollout.step)
      .map(({ deviceId }) => deviceId),
  );
  return devices
    .filter((device) => turn.has(device.deviceId) && device.connectedTo !== null)
    .map((device) => ({
      nextAt: opensNext(updateOf(policies, device).windows, device.timeZone, now),
      timeZone: device.timeZone,
    }))
    .reduce<{ nextAt: number; timeZone: string } | undefined>(
      (first, one) => (first && first.nextAt <= one.nextAt ? first : one),
      undefined,
    );
}

function show(rollout: StoredRollout, tallies: readonly Tally[], known: Known, now: number): RolloutShown {
  const { id, model, revision, release, critical, note, state, reason, approval, step } = rollout;
  const behind = wayBack(known.releases, { model, revision, number: release });
  const next = nextWindow(rollout, known, now);
  return {
    ...{ rolloutId: id, model, revision, release, critical, state, approval, step },
    startedAt: rollout.startedAt,
    changedAt: rollout.changedAt,
    goesBack: rollout.back !== null,
    steps: rollout.steps.map((percent, n) => {
      const { waits, underWay, healthy, failed } = tallies[n] ?? nobody;
      return { percent, waits, underWay, healthy, failed };
    }),
    ...(note === null ? {} : { note }),
    ...(reason === null ? {} : { reason }),
    ...(rollout.name === null ? {} : { by: rollout.name }),
    ...(next ?? {}),
    ...(behind ? { wayBack: behind.number } : {}),
  };
}

/** What is published for, and runs on, each kind of hardware that the organisation has. */
function hardwareOf(devices: readonly FirmwareDevice[], releases: readonly PublishedRelease[]): HardwareShown[] {
  const kinds = new Map(devices.map((device) => [`${device.model}/${device.revision}`, device]));
  return [...kinds.values()]
    .toSorted((one, other) => one.model.localeCompare(other.model) || one.revision.localeCompare(other.revision))
    .map((kind) => {
      const counts = new Map<number | null, number>();
      for (const { release } of devices.filter((device) => isFor(device, kind)))
        counts.set(release, (counts.get(release) ?? 0) + 1);
      const family = modelNamed(kind.model)?.family;
      return {
        model: kind.model,
        revision: kind.revision,
        ...(family ? { family } : {}),
        releases: releases
          .filter((one) => isFor(one, kind))
          .toSorted((one, other) => other.number - one.number)
          .map(({ number, critical, note, size }) => ({
            ...{ number, size, critical: critical === true },
            ...(note === undefined ? {} : { note }),
          })),
        running: [...counts]
          .toSorted(([one], [other]) => (other ?? -1) - (one ?? -1))
          .map(([release, count]) => ({ devices: count, ...(release === null ? {} : { release }) })),
      };
    });
}

export async function answerFirmware(
  env: Env,
  db: OrganisationDb,
  now: number,
): Promise<z.input<typeof firmwareOverview>> {
  const [releases, devices, policies, members, rollouts, sites] = await Promise.all([
    releasesIn(env),
    firmwareDevices(db),
    firmwarePolicies(db),
    pendingMembers(db),
    rolloutRows(db, shownRollouts),
    siteRows(db),
  ]);
  const tallies = await talliesOf(db, rollouts);
  const { policy, windows } = policyFor(policies.organisation);
  return {
    hardware: hardwareOf(devices, releases),
    rollouts: rollouts.map((one) =>
      show(one, tallies.get(one.id) ?? [], { releases, devices, policies, members }, now),
    ),
    organisation: { policy, windows: [...windows], approval: policies.organisation.approval },
    sites: sites.map(({ siteId, name, timeZone, devices: count }) => ({
      ...{ siteId, name, timeZone, devices: count },
      ...policies.sites.get(siteId),
    })),
  };
}

const failedFirst = (one: StoredMember, other: StoredMember): number =>
  Number(other.state === "failed") - Number(one.state === "failed") || one.step - other.step;

export async function answerRollout(
  env: Env,
  db: OrganisationDb,
  id: RolloutId,
  now: number,
): Promise<z.input<typeof rolloutDetail> | Response> {
  const rollout = await rolloutById(db, id);
  if (!rollout) return unknownRollout();
  const [releases, devices, policies, members, tallies, changes] = await Promise.all([
    releasesIn(env),
    firmwareDevices(db),
    firmwarePolicies(db),
    membersOf(db, id),
    talliesOf(db, [rollout]),
    changesOf(db, 50, id),
  ]);
  const known = new Map(devices.map((device) => [device.deviceId, device]));
  return {
    ...show(rollout, tallies.get(id) ?? [], { releases, devices, policies, members }, now),
    devices: members.toSorted(failedFirst).flatMap(({ deviceId, step, state, failure, detail, since }) => {
      const device = known.get(deviceId);
      // One that was given up has gone from every page.
      if (!device) return [];
      return [
        {
          ...{ deviceId, name: device.name, site: device.site, step, state, since },
          online: device.connectedTo !== null,
          ...(failure === null ? {} : { failure }),
          ...(failure === null || detail === null ? {} : { detail }),
        },
      ];
    }),
    changes,
  };
}
