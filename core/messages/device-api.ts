/** What the portal asks the edge about devices and sites: the bodies of `/api/devices` and `/api/sites`. */
import { z } from "zod";
import { openedByChange, opener } from "../access/door-openers.ts";
import {
  button,
  camera,
  cameraCredentials,
  deviceConfiguration,
  doorOpener,
  whyNotAsked,
} from "../device/configuration.ts";
import { fields } from "../device/difference.ts";
import { families } from "../device/models.ts";
import { deviceState, outputRule } from "../device/output-rules.ts";
import { cause } from "../device/watch.ts";
import { country } from "../schedule/place.ts";
import { timeZone } from "../schedule/time-zone.ts";
import { firmwareProgress } from "./device.ts";
import { commandId, deviceId, doorContact, label, moment, userId } from "./values.ts";

export const siteId = z.uuid().brand("SiteId");
export type SiteId = z.infer<typeof siteId>;

/** What of a device wants somebody's hand. */
export const need = z.enum([
  "offline",
  "certificate-ends", // in less than two weeks, and it has not renewed it
  "changed-on-device", // something was changed on it, to keep or to drop
  "button-rings-nobody",
  "revoked",
  "below-security-floor", // its firmware must not run any more: it takes no calls
  "update-failed", // it runs on with the release before
]);
export type Need = z.infer<typeof need>;

const group = z.string().trim().min(1).max(40);
export const mostGroups = 20;

/** GET /api/devices */
export const deviceRow = z.object({
  deviceId,
  name: label,
  site: z.object({ siteId, name: label }),
  groups: z.array(group),
  virtual: z.boolean(),
  /** From its name plate. Absent: the virtual station. */
  model: label.optional(),
  revision: z.string().optional(),
  serial: z.string().optional(),
  family: z.enum(families).optional(),
  firmware: label.optional(),
  /** The number of the release that runs. */
  release: z.number().int().optional(),
  /** The update that is under way, or how the last one ended. */
  update: firmwareProgress.optional(),
  online: z.boolean(),
  /** When `online` last changed. */
  since: moment,
  lastSeenAt: moment.optional(),
  /** Why it is probably offline; with `ours` nobody knows how it is. Absent: it is online, or that is not known yet. */
  away: cause.optional(),
  states: z.array(deviceState),
  certificate: z.object({ until: moment, renewsAt: moment }).optional(),
  /** `applied`: it runs with what is set here. `on-its-way`: it was or will be told. */
  settings: z.enum(["applied", "on-its-way"]),
  needs: z.array(need),
});
export type DeviceRow = z.infer<typeof deviceRow>;
export const deviceList = z.object({
  devices: z.array(deviceRow),
  /** People who may answer, and whom no button of any device rings. None for who may not see people. */
  unrung: z.array(z.object({ userId, name: label })).default([]),
});
export type DeviceList = z.infer<typeof deviceList>;

/** A line of the audit: who changed what, and how it was before. */
export const changeLine = z.object({
  id: z.uuid(),
  at: moment,
  /** Absent: the platform or the device itself. */
  by: z.object({ userId: z.string(), name: label }).optional(),
  action: z.string(),
  subject: z.string(),
  before: z.unknown(),
  after: z.unknown(),
});
export type ChangeLine = z.infer<typeof changeLine>;

/** A camera as it is shown: whether it has a password, and never which. `silent`: the station says that it doesn't answer; `notAsked`: that it is not asked, and why. */
export const cameraShown = camera.extend({
  hasPassword: z.boolean(),
  silent: z.boolean(),
  notAsked: whyNotAsked.nullable(),
});
export type CameraShown = z.infer<typeof cameraShown>;

/** A camera as it is set. Credentials are for writing alone: absent, those it has stay; null, it has none any more. */
export const cameraChange = camera.extend({ credentials: cameraCredentials.nullable().optional() });
export type CameraChange = z.infer<typeof cameraChange>;

/** GET /api/devices/{deviceId} */
export const deviceDetail = deviceRow.extend({
  address: z.string().optional(),
  contact: doorContact.optional(),
  issuer: z.string().optional(),
  /** Revoked: it gets no certificate until it is allowed again. */
  blocked: z.boolean(),
  claimed: z.object({ at: moment, by: label }).optional(),
  /** What is fitted. Absent: the virtual station. */
  fitted: z
    .object({
      outputs: z.number().int(),
      inputs: z.number().int(),
      buttons: z.union([z.number().int(), z.literal("screen")]),
      camera: z.boolean(),
      screen: z.boolean(),
    })
    .optional(),
  configuration: deviceConfiguration.extend({ cameras: z.array(cameraShown), doorOpeners: z.array(opener) }),
  version: z.number().int(),
  /** Changed on the device itself, to keep or to drop. */
  differences: z.array(z.object({ field: z.enum(fields), here: z.unknown(), onDevice: z.unknown() })),
  changes: z.array(changeLine),
});
export type DeviceDetail = z.infer<typeof deviceDetail>;

/**
 * PATCH /api/devices/{deviceId}: what is named is changed. `version` is what the person saw: a newer one gives 409. Who may
 * open by an opener stays as it is where it isn't said.
 */
export const deviceChange = z
  .object({
    version: z.number().int().positive(),
    name: label.trim().min(1),
    siteId,
    groups: z.array(group).max(mostGroups),
    buttons: z.array(button).max(256),
    doorOpeners: z.array(doorOpener.extend({ openedBy: openedByChange.optional() })).max(16),
    outputRules: z.array(outputRule).max(32),
    cameras: z.array(cameraChange).max(4),
  })
  .partial()
  .required({ version: true })
  .strict();
export type DeviceChange = z.infer<typeof deviceChange>;

/** The newest release: fetched at once, while the device takes calls, and started in its maintenance hours, or as soon as nobody talks. */
const updateFirmware = z.strictObject({
  do: z.literal("update-firmware"),
  restart: z.enum(["in-its-hours", "at-once"]).default("in-its-hours"),
});

/** What is done to many devices at once. */
export const bulkAction = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("move"), siteId }),
  z.strictObject({ do: z.literal("add-group"), group }),
  z.strictObject({ do: z.literal("renew-certificate") }),
  updateFirmware,
  z.strictObject({ do: z.literal("fetch-log") }),
  /** The output rules of another device in place of their own. */
  z.strictObject({ do: z.literal("apply-output-rules"), from: deviceId }),
]);
export type BulkAction = z.infer<typeof bulkAction>;
/** So many at a time. */
export const mostInBulk = 100;
/** POST /api/devices/bulk */
export const bulkRequest = z.strictObject({
  devices: z
    .array(deviceId)
    .min(1)
    .max(mostInBulk)
    .refine((all) => new Set(all).size === all.length, "a device is named once"),
  action: bulkAction,
});
export type BulkRequest = z.infer<typeof bulkRequest>;
export const bulkOutcome = z.enum([
  "done",
  "unchanged", // it was so already
  "sent", // it was told; how it goes shows in what it reports
  "offline", // it is not connected, and was not told
  "changed-meanwhile", // somebody else was faster
  "not-possible", // it is virtual, has as many groups as there can be, or not these outputs
  "unknown", // there is no such device here
]);
export type BulkOutcome = z.infer<typeof bulkOutcome>;
/** What became of each, in the order in which they were named. */
export const bulkResults = z.object({ results: z.array(z.object({ deviceId, outcome: bulkOutcome })) });
export type BulkResults = z.infer<typeof bulkResults>["results"];

/** POST /api/devices/{deviceId}/differences: what becomes of what was changed on the device. */
export const differenceDecision = z.strictObject({ field: z.enum(fields), decision: z.enum(["keep", "drop"]) });
export type DifferenceDecision = z.infer<typeof differenceDecision>;

/** POST /api/devices/{deviceId}/commands: what a person may ask a device to do. `wipe` belongs to giving it up. */
export const commandRequest = z.discriminatedUnion("do", [
  z.strictObject({ do: z.enum(["identify", "restart", "renew-certificate"]) }),
  updateFirmware,
]);
export type CommandRequest = z.infer<typeof commandRequest>;
export const commandAsked = z.object({ commandId, state: z.enum(["sent", "offline"]) });
/** GET /api/devices/{deviceId}/commands: the newest, and how they went. */
export const commandList = z.object({
  commands: z.array(
    z.object({
      commandId,
      do: z.string(),
      by: label,
      askedAt: moment,
      state: z.enum(["sent", "offline", "done", "expired", "refused", "failed"]),
      detail: z.string().optional(),
    }),
  ),
});

/** GET /api/sites, POST /api/sites, PATCH /api/sites/{siteId} */
export const siteRow = z.object({
  siteId,
  name: label,
  address: z.string().max(300).optional(),
  /** ISO 3166-1 alpha-2. */
  country: z.string().optional(),
  timeZone: z.string(),
  devices: z.number().int(),
});
export type SiteRow = z.infer<typeof siteRow>;
export const siteList = z.object({ sites: z.array(siteRow) });
/** Without a time zone it is the one of where the site stands, as far as that tells it (core/schedule/place.ts). */
export const siteChange = z.strictObject({
  name: label.trim().min(1),
  address: z.string().trim().max(300).optional(),
  country: country.optional(),
  timeZone: timeZone.optional(),
});
export type SiteChange = z.infer<typeof siteChange>;
