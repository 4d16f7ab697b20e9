/** What a device is told to be: the desired state, and what it reports. Versioned, so that a device that was away converges. */
import { z } from "zod";
import { label } from "../messages/values.ts";
import { timeZone } from "../schedule/time-zone.ts";
import { outputRule } from "./output-rules.ts";

/** Outputs are numbered from 1, as on the terminal block. */
export const outputNumber = z.number().int().min(1).max(16);

export const doorOpener = z.object({
  output: outputNumber,
  name: label,
  pulse: z.number().int().min(100).max(60_000).describe("How long the output is on, in milliseconds."),
  confirm: z
    .enum(["hold", "ask"])
    .describe("For the portal. `hold`: holding the button opens. `ask`: the page asks once more before it opens."),
});
export type DoorOpener = z.infer<typeof doorOpener>;

export const button = z.object({
  key: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .describe("The user part of the request URI the station calls."),
  label,
});

const cameraId = z.uuid();

/** Another maker's camera, pulled by the station on its own network. Its credentials travel apart and are never shown. */
export const camera = z.object({
  id: cameraId,
  name: label,
  address: z
    .url({ protocol: /^rtsps?$/ })
    .max(500)
    // Credentials are kept encrypted, apart from the address.
    .refine((text) => !/^rtsps?:\/\/[^/]*@/.test(text), "the address carries credentials")
    .describe(
      "RTSP or RTSPS (RFC 7826), without a user name or a password. Over TLS a camera is known by the key that it showed first.",
    ),
  shown: z.enum(["beside", "instead"]).describe("In place of the station's own picture, or beside it."),
});
export type Camera = z.infer<typeof camera>;

/** Who the station is to a camera. A colon ends the user (RFC 7617 §2). */
export const cameraCredentials = z.strictObject({
  user: z.string().regex(/^[^\p{Cc}:]{1,64}$/u),
  password: z.string().regex(/^\P{Cc}{1,128}$/u),
});
export type CameraCredentials = z.infer<typeof cameraCredentials>;

export const deviceConfiguration = z.object({
  name: label,
  timeZone: timeZone.describe("IANA name, from the site's address."),
  buttons: z.array(button).max(256),
  doorOpeners: z.array(doorOpener).max(16),
  outputRules: z.array(outputRule).max(32),
  cameras: z.array(camera).max(4),
});
export type DeviceConfiguration = z.infer<typeof deviceConfiguration>;

/** Desired state, as it is kept and as the device's report is held against it. */
export const desiredState = z.object({ version: z.number().int().positive(), configuration: deviceConfiguration });
export type DesiredState = z.infer<typeof desiredState>;

/** Credentials by the camera's id. */
export const credentialsByCamera = z.record(cameraId, cameraCredentials);
export type CredentialsByCamera = z.infer<typeof credentialsByCamera>;

export const whyNotAsked = z.enum(["not-public", "too-many"]);
/** Why a station does not ask some of its cameras, by their ids. */
export const camerasNotAsked = z.record(cameraId, whyNotAsked);
export type CamerasNotAsked = z.infer<typeof camerasNotAsked>;

/** Desired state on its way to the device, with what nobody but this device may read. */
export const desiredMessage = desiredState.extend({
  cameraCredentials: credentialsByCamera.default({}).describe("By the camera's id. Never reported, never logged."),
});
export type DesiredMessage = z.infer<typeof desiredMessage>;

/** What a device says it is: the version it applied last, and its configuration with what was changed on it since. */
export const reportedState = z.object({
  version: z.number().int().nonnegative().describe("The one it applied last; 0: none yet."),
  configuration: deviceConfiguration
    .partial()
    .describe("What it is now, with what was changed on it since. A field that is left out is as it was applied."),
});
export type ReportedState = z.infer<typeof reportedState>;
