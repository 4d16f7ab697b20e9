/**
 * What a device ought to be. Its name, site, buttons and door outputs have tables of their own, since calls need them; the
 * rest lies in `device_configuration`. Every change of any of it raises the version, in the same transaction.
 */
import { and, eq, inArray, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { z } from "zod";
import { type Opener, withoutRights } from "#core/access/door-openers.ts";
import {
  type Camera,
  camerasNotAsked,
  deviceConfiguration as configuration,
  type DesiredState,
  type DeviceConfiguration,
  reportedState,
} from "#core/device/configuration.ts";
import { type Field, fields, toSend, undecidedOf } from "#core/device/difference.ts";
import { deviceState } from "#core/device/output-rules.ts";
import type { Up } from "#core/messages/device.ts";
import type { DeviceChange } from "#core/messages/device-api.ts";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { change } from "../schema/change.ts";
import { deviceConfiguration } from "../schema/configuration.ts";
import { device, deviceButton } from "../schema/device.ts";
import { site } from "../schema/organisation.ts";
import { refusedWith } from "../sql-state.ts";
import { ofItsConfiguration, ofItsSite } from "./of-device.ts";
import { openersOfDevice, replaceOpeners, storedOpeners } from "./openers.ts";

const stored = z.object({
  deviceId,
  version: z.number().int(),
  configuration: configuration.omit({ doorOpeners: true }),
  openers: storedOpeners,
  applied: configuration.nullable(),
  reported: reportedState.shape.configuration.nullable(),
  reportedVersion: z.number().int().nullable(),
  dropped: z.array(z.enum(fields)),
  states: z.array(deviceState),
  address: z.string().nullable(),
  sealedCredentials: z.record(z.string(), z.string()),
  silentCameras: z.array(z.string()),
  camerasNotAsked,
});
export type StoredConfiguration = Omit<z.infer<typeof stored>, "deviceId" | "configuration"> & {
  configuration: DeviceConfiguration;
  /** Changed on the device itself, and nobody has decided on it yet. */
  undecided: Field[];
};

/** Everything about one device's configuration. Undefined: no such device here. */
export const configurationOf = async (db: OrganisationDb, id: DeviceId): Promise<StoredConfiguration | undefined> =>
  (await configurationsOf(db, [id])).get(id);

/** Everything about these devices' configurations, by one statement. */
export async function configurationsOf(
  db: OrganisationDb,
  ids: readonly DeviceId[],
): Promise<Map<DeviceId, StoredConfiguration>> {
  const c = deviceConfiguration;
  const rows = await db
    .select({
      deviceId: device.id,
      version: sql<number>`coalesce(${c.version}, 1)`,
      configuration: sql`json_build_object(
        'name', ${device.name},
        'timeZone', ${site.timeZone},
        'buttons', (select coalesce(json_agg(json_build_object('key', b.key, 'label', b.label) order by b.key), '[]'::json)
          from device_button b where b.device_id = ${device.id}),
        'outputRules', coalesce(${c.outputRules}, '[]'::jsonb),
        'cameras', coalesce(${c.cameras}, '[]'::jsonb))`,
      openers: openersOfDevice,
      applied: c.applied,
      reported: c.reported,
      reportedVersion: c.reportedVersion,
      dropped: sql`coalesce(${c.dropped}, '{}')`,
      states: sql`coalesce(${c.states}, '{}')`,
      address: c.address,
      sealedCredentials: sql`coalesce(${c.sealedCredentials}, '{}'::jsonb)`,
      silentCameras: sql`coalesce(${c.silentCameras}, '{}')`,
      camerasNotAsked: sql`coalesce(${c.camerasNotAsked}, '{}'::jsonb)`,
    })
    .from(device)
    .innerJoin(site, ofItsSite)
    .leftJoin(c, ofItsConfiguration)
    .where(and(inArray(device.id, [...ids]), eq(device.organisationId, db.organisationId)));
  return new Map(
    z
      .array(stored)
      .parse(rows)
      .map(({ deviceId: id, ...found }) => {
        const configuration = { ...found.configuration, doorOpeners: withoutRights(found.openers) };
        return [id, { ...found, configuration, undecided: undecidedOf(found) }];
      }),
  );
}

/** What to send now, if the device does not run with it already. */
export function desiredOf(found: StoredConfiguration): DesiredState | undefined {
  const { version, reportedVersion, reported, undecided } = found;
  if (reportedVersion === version) return undefined;
  return { version, configuration: toSend(found.configuration, reported ?? {}, undecided) };
}

export interface Author {
  userId: string;
  name: string;
}

/** Raises the version, making the row on first need: without one, a device is at version 1. */
const raise = (db: OrganisationDb, deviceId: DeviceId, set: Partial<typeof deviceConfiguration.$inferInsert> = {}) =>
  db
    .insert(deviceConfiguration)
    .values({ deviceId, organisationId: db.organisationId, version: 2, ...set })
    .onConflictDoUpdate({
      target: deviceConfiguration.deviceId,
      set: { ...set, version: sql`${deviceConfiguration.version} + 1` },
    });

/** What the device was changed to by itself, and is now set to here as well, is nothing to decide on any more. */
function decided(db: OrganisationDb, id: DeviceId, { doorOpeners, ...parts }: Omit<DeviceEdit, "version">) {
  const set = { ...parts, ...(doorOpeners ? { doorOpeners: withoutRights(doorOpeners) } : {}) };
  const { applied, reported } = deviceConfiguration;
  return db
    .update(deviceConfiguration)
    .set({
      applied: sql`${applied} || (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(${JSON.stringify(set)}::jsonb)
        where value = ${reported} -> key)`,
    })
    .where(and(eq(deviceConfiguration.deviceId, id), eq(deviceConfiguration.organisationId, db.organisationId)));
}

/** What is changed, as it is stored: a camera's credentials are sealed, and apart from the camera; openers have their rights. */
export interface DeviceEdit extends Omit<DeviceChange, "cameras" | "doorOpeners"> {
  doorOpeners?: Opener[];
  cameras?: Camera[];
  /** All of them, by camera. */
  sealedCredentials?: Record<string, string>;
  /** The names of the cameras whose credentials these change, for the audit. */
  credentialsOf?: string[];
}

/**
 * Changes what is named, and writes a line for each, with how it was before. The whole change is refused where somebody
 * else was faster: then the device's version is not `asked.version` any more.
 * @returns false: not changed, look again
 */
export async function changeDevice(
  db: OrganisationDb,
  id: DeviceId,
  asked: DeviceEdit,
  before: { siteId: string; groups: string[]; configuration: z.infer<typeof configuration> },
  by: Author,
): Promise<boolean> {
  const { organisationId } = db;
  const own = { organisationId, deviceId: id };
  const ofDevice = and(eq(device.id, id), eq(device.organisationId, organisationId));
  const { version, sealedCredentials, credentialsOf = [], ...parts } = asked;
  const rules = parts.outputRules && { outputRules: parts.outputRules };
  const cameras = parts.cameras && { cameras: parts.cameras };
  const sealed = sealedCredentials && { sealedCredentials };
  const was: Record<string, unknown> = { ...before.configuration, siteId: before.siteId, groups: before.groups };
  const lines = Object.entries(parts).map(([field, after]) => ({
    organisationId,
    ...{ userId: by.userId, name: by.name },
    action: `change-${field}`,
    subject: id,
    before: was[field],
    after,
  }));
  if (credentialsOf.length > 0)
    lines.push({
      organisationId,
      ...{ userId: by.userId, name: by.name },
      action: "change-cameraCredentials",
      subject: id,
      before: undefined,
      after: credentialsOf,
    });
  const rest: BatchItem<"pg">[] = [
    ...(parts.name ? [db.update(device).set({ name: parts.name }).where(ofDevice)] : []),
    ...(parts.siteId ? [db.update(device).set({ siteId: parts.siteId }).where(ofDevice)] : []),
    ...(parts.groups ? [db.update(device).set({ groups: parts.groups }).where(ofDevice)] : []),
    ...(parts.buttons
      ? [
          db.delete(deviceButton).where(eq(deviceButton.deviceId, id)),
          ...(parts.buttons.length
            ? [db.insert(deviceButton).values(parts.buttons.map((one) => ({ ...own, ...one })))]
            : []),
        ]
      : []),
    ...(parts.doorOpeners ? replaceOpeners(db, id, parts.doorOpeners) : []),
    raise(db, id, { ...rules, ...cameras, ...sealed }),
    decided(db, id, parts),
    ...(lines.length ? [db.insert(change).values(lines)] : []),
  ];
  // Division by zero is how a statement says no, and takes the whole transaction with it.
  const expected = db.execute(sql`select 1 / (
    case when coalesce((select version from device_configuration where device_id = ${id} for update), 1) = ${version} then 1 else 0 end)`);
  try {
    // The row is there before it is looked at, so that two who change it for the first time meet at it.
    await db.batch([db.insert(deviceConfiguration).values(own).onConflictDoNothing(), expected, ...rest]);
    return true;
  } catch (error) {
    if (refusedWith(error, "22012")) return false;
    throw error;
  }
}

type OfDevice = { deviceId: DeviceId };
/** Rows are taken in the order of their ids, as everywhere where one statement changes many: two that do so wait, and don't block. */
const inOrder = <T extends OfDevice>(rows: readonly T[]): T[] =>
  rows.toSorted((one, other) => (one.deviceId < other.deviceId ? -1 : 1));

/** Remembers what was sent, each device once: its reports are held against it as soon as they are of this version. */
export async function saveSent(db: OrganisationDb, sent: readonly (OfDevice & DesiredState)[]): Promise<void> {
  if (sent.length === 0) return;
  const { organisationId } = db;
  const rows = inOrder(sent).map(({ deviceId, version, configuration }) => ({
    ...{ deviceId, organisationId, version },
    ...{ sentVersion: version, sent: configuration },
  }));
  await db
    .insert(deviceConfiguration)
    .values(rows)
    .onConflictDoUpdate({
      target: deviceConfiguration.deviceId,
      set: { sentVersion: sql`excluded.sent_version`, sent: sql`excluded.sent` },
    });
}

/** Keeps what devices said they are, each once. A field that was dropped and is gone from the device is dropped no more. */
export async function saveReports(
  db: OrganisationDb,
  said: readonly (OfDevice & Up<"reported">)[],
  at: Date,
): Promise<void> {
  if (said.length === 0) return;
  const { organisationId } = db;
  const rows = inOrder(said).map(({ deviceId, version, configuration, release, address }) => ({
    ...{ deviceId, organisationId, reportedVersion: version, reported: configuration, reportedAt: at },
    ...{ address: address ?? null, release: release?.number ?? null, belowFloor: release?.belowFloor ?? false },
  }));
  const runs = {
    ids: sql.param(said.map(({ deviceId }) => deviceId)),
    firmware: sql.param(said.map(({ firmware }) => firmware)),
  };
  await db.batch([
    db
      .insert(deviceConfiguration)
      .values(rows)
      .onConflictDoUpdate({
        target: deviceConfiguration.deviceId,
        set: {
          reportedVersion: sql`excluded.reported_version`,
          reported: sql`excluded.reported`,
          reportedAt: sql`excluded.reported_at`,
          // What was sent may still be on its way, or lost with a connection: then the report is of what was sent before it.
          applied: sql`case excluded.reported_version when ${deviceConfiguration.sentVersion} then ${deviceConfiguration.sent}
            when ${deviceConfiguration.reportedVersion} then ${deviceConfiguration.applied} end`,
          address: sql`excluded.address`,
          release: sql`excluded.release`,
          belowFloor: sql`excluded.below_floor`,
          dropped: sql`case when excluded.reported_version >= ${deviceConfiguration.version} then '{}' else ${deviceConfiguration.dropped} end`,
        },
      }),
    db
      .update(device)
      .set({ firmware: sql`runs.firmware`, lastSeenAt: at })
      .from(sql`unnest(${runs.ids}::uuid[], ${runs.firmware}::text[]) runs(id, firmware)`)
      .where(and(sql`${device.id} = runs.id`, eq(device.organisationId, organisationId))),
  ]);
}

/** Lets a change made on the device be overwritten: it is sent again. */
export async function dropDifference(
  db: OrganisationDb,
  id: DeviceId,
  field: Field,
  by: Author,
  onDevice: unknown,
): Promise<void> {
  await db.batch([
    raise(db, id, {}),
    db
      .update(deviceConfiguration)
      .set({ dropped: sql`array_append(array_remove(${deviceConfiguration.dropped}, ${field}), ${field})` })
      .where(eq(deviceConfiguration.deviceId, id)),
    db.insert(change).values({
      organisationId: db.organisationId,
      ...by,
      action: `drop-${field}`,
      subject: id,
      before: onDevice,
    }),
  ]);
}
