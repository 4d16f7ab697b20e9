/** What the portal asks the edge about firmware: the bodies of `/api/firmware` and `/api/rollouts`. */
import { z } from "zod";
import { families } from "../device/models.ts";
import { hardwareRevision } from "../device/revision.ts";
import { updatePolicy, updateSetting } from "../firmware/policy.ts";
import { modelName, releaseNumber } from "../firmware/release.ts";
import { decision, rolloutState, stopReason } from "../firmware/rollout.ts";
import { deviceState, failure } from "../firmware/rollout-device.ts";
import { maintenanceWindows } from "../schedule/maintenance-window.ts";
import { changeLine, siteId } from "./device-api.ts";
import { deviceId, label, moment } from "./values.ts";

export const rolloutId = z.uuid().brand("RolloutId");
export type RolloutId = z.infer<typeof rolloutId>;

const count = z.number().int().nonnegative();

/** A step with how its devices are. */
export const rolloutStep = z.object({
  /** How many of all have been told at its end. */
  percent: z.number().int(),
  waits: count,
  underWay: count,
  healthy: count,
  failed: count,
});
export type RolloutStep = z.infer<typeof rolloutStep>;

export const rolloutShown = z.object({
  rolloutId,
  model: label,
  revision: z.string(),
  release: releaseNumber,
  critical: z.boolean(),
  note: z.string().optional(),
  state: rolloutState,
  reason: stopReason.optional(),
  approval: z.boolean(),
  steps: z.array(rolloutStep),
  /** The step it is at, from 0. */
  step: z.number().int(),
  startedAt: moment,
  /** Absent: it began by itself. */
  by: label.optional(),
  changedAt: moment,
  /** When somebody is told next: the next window's beginning. Absent: nobody waits for one. */
  nextAt: moment.optional(),
  /** The site's time zone that `nextAt` is meant in. */
  timeZone: z.string().optional(),
  /** The release that goes back behind this one. Absent: its maker has published none. */
  wayBack: releaseNumber.optional(),
  /** It goes back behind another rollout. */
  goesBack: z.boolean(),
});
export type RolloutShown = z.infer<typeof rolloutShown>;

/** A kind of hardware: what is published for it, and what its devices run. */
export const hardwareShown = z.object({
  model: label,
  revision: z.string(),
  family: z.enum(families).optional(),
  /** The newest first. */
  releases: z.array(
    z.object({ number: releaseNumber, critical: z.boolean(), note: z.string().optional(), size: z.number().int() }),
  ),
  /** The newest first; those that have not said what they run last. */
  running: z.array(z.object({ release: z.number().int().optional(), devices: count })),
});
export type HardwareShown = z.infer<typeof hardwareShown>;

/** GET /api/firmware */
export const firmwareOverview = z.object({
  hardware: z.array(hardwareShown),
  /** Those that go on or wait for somebody, and then the others, the newest first. */
  rollouts: z.array(rolloutShown),
  /** What counts where no site and no device says otherwise. */
  organisation: z.object({ policy: updatePolicy, windows: maintenanceWindows, approval: z.boolean() }),
  sites: z.array(updateSetting.extend({ siteId, name: label, timeZone: z.string(), devices: count })),
});
export type FirmwareOverview = z.infer<typeof firmwareOverview>;

/** PATCH /api/firmware: the organisation's. */
export const organisationPolicy = z.strictObject({
  policy: updatePolicy,
  windows: maintenanceWindows,
  approval: z.boolean(),
});
export type OrganisationPolicy = z.infer<typeof organisationPolicy>;

/** PATCH /api/firmware/sites/{siteId}. What is left out is as the organisation says. */
export const sitePolicy = updateSetting;
export type SitePolicy = z.infer<typeof sitePolicy>;

/** PATCH /api/firmware/devices/{deviceId}. Left out: as its site or the organisation says. */
export const devicePolicy = updateSetting.pick({ policy: true });
export type DevicePolicy = z.infer<typeof devicePolicy>;

/** GET /api/firmware/devices/{deviceId} */
export const deviceFirmware = devicePolicy.extend({
  /** What its site or the organisation says. */
  otherwise: updatePolicy,
});

/** POST /api/rollouts */
export const newRollout = z.strictObject({
  model: modelName,
  revision: hardwareRevision,
  release: releaseNumber,
  approval: z.boolean(),
});
export type NewRollout = z.infer<typeof newRollout>;

/** GET /api/rollouts/{rolloutId} */
export const rolloutDetail = rolloutShown.extend({
  /** Failed ones first. */
  devices: z.array(
    z.object({
      deviceId,
      name: label,
      site: label,
      step: z.number().int(),
      state: deviceState,
      failure: failure.optional(),
      /** In the device's own words. */
      detail: z.string().optional(),
      since: moment,
      online: z.boolean(),
    }),
  ),
  /** Who decided what, the newest first. */
  changes: z.array(changeLine),
});
export type RolloutDetail = z.infer<typeof rolloutDetail>;

/** POST /api/rollouts/{rolloutId} */
export const rolloutDecision = z.strictObject({ do: z.enum([...decision.options, "go-back"]) });
export type RolloutDecision = z.infer<typeof rolloutDecision>;
