/**
 * What a claimed device and the cloud say to each other over MQTT 3.1.1: topics, and the JSON on them. Version 1.
 *
 * A device reaches its own topics only. The cloud speaks on `…/down/<kind>`, the device on `…/up/<kind>`, with QoS 0 or 1; a
 * message that was acknowledged is stored. Sessions are clean and nothing is retained: what a device ought to be is sent
 * again from the database on every connect, and versions make a device that was away for a week converge.
 */
import { z } from "zod";
import { camera, camerasNotAsked, desiredMessage, reportedState } from "../device/configuration.ts";
import { deviceState } from "../device/output-rules.ts";
import { releaseNumber } from "../firmware/release.ts";
import { siteHours } from "../schedule/maintenance-window.ts";
import { commandId, type DeviceId, doorContact, label, moment } from "./values.ts";

/** Bytes of one MQTT packet. The largest is a configuration. */
export const largestPacket = 64 * 1024;

const challenge = z.uuid();

/** What a device can be asked to do. Doors are not among them: they open in a call's or a person's command over SIP. */
export const deviceCommand = z.discriminatedUnion("do", [
  z
    .object({ do: z.literal("upload-log"), lines: z.number().int().min(1).max(10_000) })
    .describe("Upload the newest lines of the log. Acknowledged once they are there."),
  z.object({ do: z.literal("identify") }).describe("Blink or beep: somebody wants to see which device this is."),
  z.object({ do: z.literal("restart") }).describe("Start anew, once nobody is in a call."),
  z.object({ do: z.literal("renew-certificate") }).describe("Renew the certificate now."),
  z
    .object({
      do: z.literal("update-firmware"),
      release: releaseNumber.optional().describe("Absent: the newest."),
      restartIn: siteHours
        .optional()
        .describe("The hours in which it may start it. Absent: as soon as nobody is in a call."),
    })
    .describe("Fetch a release in the background, while it takes calls. Acknowledged once it has begun."),
  z
    .object({ do: z.literal("wipe") })
    .describe("Forget people, rules, peers and camera secrets: the device was given up or changed hands."),
]);
export type DeviceCommand = z.infer<typeof deviceCommand>;

/** What the cloud says, by kind. */
export const down = {
  session: z
    .object({
      challenge: challenge.describe(
        "Drawn for this connection. A command names it, so that one recorded earlier is worth nothing later.",
      ),
      now: moment.describe("The cloud's clock."),
    })
    .describe("First on every connection, once the device has subscribed."),
  desired: desiredMessage.describe("What the device is to be: all of it, whenever its version is another."),
  command: z
    .object({
      commandId: commandId.describe("Carried out once, however often it comes."),
      challenge: challenge.describe("Carried out only if it is this connection's."),
      within: z
        .number()
        .int()
        .positive()
        .describe("Milliseconds since `session` arrived, by a clock that nobody sets. After that it has expired."),
      command: deviceCommand,
    })
    .describe("What the device is asked to do."),
} as const;

/** How far an update is. */
export const firmwareProgress = z.object({
  release: z.number().int(),
  phase: z.enum(["waiting", "loading", "checking", "installed", "healthy", "fell-back", "failed"]),
  received: z.number().int().nonnegative().describe("Octets of the image that are on the disk."),
  size: z.number().int().nonnegative(),
  repeated: z.number().int().nonnegative().describe("Packets that had to be fetched again."),
  detail: z.string().max(500).optional(),
});
export type FirmwareProgress = z.infer<typeof firmwareProgress>;

/** What a device says, by kind. */
export const up = {
  reported: reportedState
    .extend({
      firmware: label.describe("What runs, as people call it."),
      release: z
        .object({
          number: z.number().int().nonnegative(),
          belowFloor: z.boolean().describe("It runs below the security floor, and takes no calls until it is updated."),
        })
        .optional()
        .describe("The release that runs."),
      address: z.string().max(64).optional().describe("Its address in its own network."),
      revision: z.string().max(8).optional().describe("Its hardware revision, as on the name plate."),
    })
    .describe("After it applied a desired state, after a change on the device itself, and once on every connection."),
  acknowledged: z
    .object({
      commandId,
      result: z.enum(["done", "expired", "refused", "failed"]),
      detail: z.string().max(500).optional().describe("A sentence for people."),
    })
    .describe("How a command went. One that comes again is acknowledged again, and not done again."),
  states: z
    .object({
      states: z.array(deviceState).max(8).describe("Those that last now."),
      contact: doorContact.describe("`none`: no contact is fitted."),
      silentCameras: z.array(camera.shape.id).max(4).default([]).describe("Those of its cameras that don't answer."),
      camerasNotAsked: camerasNotAsked
        .refine((cameras) => Object.keys(cameras).length <= 4)
        .default({})
        .describe(
          "Why it does not ask some of these. `not-public`: it reaches public addresses alone, and theirs is none. `too-many`: others are pulled where it runs.",
        ),
    })
    .describe("Once on every connection, and whenever one of them changes."),
  progress: firmwareProgress.describe("How far an update is: when its phase changes, and every packet or so."),
} as const;

export type DownKind = keyof typeof down;
export type UpKind = keyof typeof up;
export type Down<Kind extends DownKind> = z.infer<(typeof down)[Kind]>;
export type Up<Kind extends UpKind> = z.infer<(typeof up)[Kind]>;

const root = "symphony/1";
export const downTopic = (device: DeviceId, kind: DownKind): string => `${root}/${device}/down/${kind}`;
export const upTopic = (device: DeviceId, kind: UpKind): string => `${root}/${device}/up/${kind}`;
/** Everything the cloud says to this device: what it subscribes to. */
export const downTopics = (device: DeviceId): string => `${root}/${device}/down/#`;

/** Only its own, and only what the cloud says. `+` in place of the kind is the same as `#`. */
export function maySubscribe(device: DeviceId, filter: string): boolean {
  const own = `${root}/${device}/down/`;
  const kind = filter.startsWith(own) ? filter.slice(own.length) : undefined;
  return kind === "#" || kind === "+" || (kind !== undefined && kind in down);
}

/** The kind of an own topic the device may publish on. Undefined: any other topic, which it may not. */
export function mayPublish(device: DeviceId, topic: string): UpKind | undefined {
  const own = `${root}/${device}/up/`;
  if (!topic.startsWith(own)) return undefined;
  const kind = topic.slice(own.length);
  return kinds.find((known) => known === kind);
}
const kinds = ["reported", "acknowledged", "states", "progress"] as const satisfies readonly UpKind[];

/** One message of a device as it is handed on to the edge. */
export const upMessage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("reported"), body: up.reported }),
  z.object({ kind: z.literal("acknowledged"), body: up.acknowledged }),
  z.object({ kind: z.literal("states"), body: up.states }),
  z.object({ kind: z.literal("progress"), body: up.progress }),
]);
export type UpMessage = z.infer<typeof upMessage>;

/** Reads what came on an own topic. Undefined: it is not in the protocol. */
export function parseUp(kind: UpKind, payload: string): UpMessage | undefined {
  try {
    return upMessage.safeParse({ kind, body: JSON.parse(payload) }).data;
  } catch {
    return undefined;
  }
}
