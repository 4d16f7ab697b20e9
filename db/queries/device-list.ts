/** Devices as the portal shows them: the list, one of them, and the audit of what was changed on it. */
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { deviceConfiguration as configuration, reportedState } from "#core/device/configuration.ts";
import { fields } from "#core/device/difference.ts";
import { deviceState } from "#core/device/output-rules.ts";
import { cause } from "#core/device/watch.ts";
import { firmwareProgress } from "#core/messages/device.ts";
import { type ChangeLine, siteId } from "#core/messages/device-api.ts";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { change } from "../schema/change.ts";
import { deviceConfiguration } from "../schema/configuration.ts";
import { device } from "../schema/device.ts";
import { site } from "../schema/organisation.ts";
import { asMilliseconds } from "./as-milliseconds.ts";
import { ofItsConfiguration, ofItsSite, stillOurs } from "./of-device.ts";
import { rings } from "./reach.ts";

const text = z
  .string()
  .nullable()
  .transform((value) => value ?? undefined);
const moment = z
  .date()
  .nullable()
  .transform((value) => value?.getTime());

const storedDevice = z.object({
  deviceId,
  name: z.string(),
  siteId,
  site: z.string(),
  groups: z.array(z.string()),
  virtual: z.boolean(),
  model: text,
  revision: text,
  serial: text,
  firmware: text,
  release: z
    .number()
    .nullable()
    .transform((value) => value ?? undefined),
  belowFloor: z.boolean(),
  progress: firmwareProgress.nullable().transform((value) => value ?? undefined),
  newestRollout: z
    .number()
    .nullable()
    .transform((value) => value ?? undefined),
  createdAt: asMilliseconds,
  claimedAt: moment,
  claimedByName: text,
  lastSeenAt: moment,
  connectedAt: moment,
  lostWith: z.string().nullable(),
  cause: cause.nullable(),
  version: z.number().int(),
  reportedVersion: z.number().int().nullable(),
  applied: configuration.nullable(),
  reported: reportedState.shape.configuration.nullable(),
  dropped: z.array(z.enum(fields)),
  states: z.array(deviceState),
  buttons: z.coerce.number(),
  answerers: z.coerce.number(),
  /** Its owner revoked it, and has not allowed it again. */
  blocked: z.boolean(),
  /** The one that counts, or else the newest. */
  certificate: z
    .object({ issuedAt: z.number(), until: z.number(), revoked: z.boolean() })
    .nullable()
    .transform((value) => value ?? undefined),
});
export type StoredDevice = z.infer<typeof storedDevice>;

/** Every device of the organisation, or one, by one statement. @param now milliseconds */
export async function deviceRows(db: OrganisationDb, now: number, id?: DeviceId): Promise<StoredDevice[]> {
  const c = deviceConfiguration;
  const milliseconds = (column: string) => sql.raw(`floor(extract(epoch from ${column}) * 1000)::bigint`);
  const rows = await db
    .select({
      deviceId: device.id,
      name: device.name,
      siteId: site.id,
      site: site.name,
      groups: device.groups,
      virtual: device.virtual,
      model: device.model,
      revision: device.revision,
      serial: device.serial,
      firmware: device.firmware,
      release: c.release,
      belowFloor: sql`coalesce(${c.belowFloor}, false)`,
      progress: c.progress,
      newestRollout: sql`(select max(r.release) from rollout r where r.organisation_id = ${device.organisationId}
        and r.model = ${device.model} and r.revision = ${device.revision})`,
      createdAt: device.createdAt,
      claimedAt: device.claimedAt,
      claimedByName: device.claimedByName,
      lastSeenAt: device.lastSeenAt,
      connectedAt: c.connectedAt,
      lostWith: c.lostWith,
      cause: sql`(select o.cause from outage o where o.device_id = ${device.id} and o.ended_at is null and o.told_at is not null)`,
      version: sql`coalesce(${c.version}, 1)`,
      reportedVersion: c.reportedVersion,
      applied: c.applied,
      reported: c.reported,
      dropped: sql`coalesce(${c.dropped}, '{}')`,
      states: sql`coalesce(${c.states}, '{}')`,
      buttons: sql`(select count(*) from device_button b where b.device_id = ${device.id})`,
      answerers: sql`(select count(*) from member m where m.organisation_id = ${device.organisationId}
        and ${rings(device.id, device.siteId, now)})`,
      blocked: sql`exists (select from factory_identity f where f.id = ${device.id} and f.blocked_at is not null)`,
      certificate: sql`(select json_build_object('issuedAt', ${milliseconds("k.issued_at")},
          'until', ${milliseconds("k.expires_at")}, 'revoked', k.revoked_at is not null)
        from certificate k where k.device_id = ${device.id} order by k.revoked_at is null desc, k.issued_at desc limit 1)`,
    })
    .from(device)
    .innerJoin(site, ofItsSite)
    .leftJoin(c, ofItsConfiguration)
    .where(and(stillOurs(db), id === undefined ? undefined : eq(device.id, id)))
    .orderBy(asc(device.position), asc(device.name));
  return z.array(storedDevice).parse(rows);
}

const place = z.object({
  deviceId,
  siteId,
  groups: z.array(z.string()),
  virtual: z.boolean(),
  model: z.string().nullable(),
});

export type DevicePlace = z.infer<typeof place>;

/** Where these devices stand, by which words they are found, and what they are. */
export async function placesOf(db: OrganisationDb, ids: readonly DeviceId[]): Promise<Map<DeviceId, DevicePlace>> {
  const rows = await db
    .select({
      deviceId: device.id,
      siteId: device.siteId,
      groups: device.groups,
      virtual: device.virtual,
      model: device.model,
    })
    .from(device)
    .where(and(stillOurs(db), inArray(device.id, [...ids])));
  return new Map(
    z
      .array(place)
      .parse(rows)
      .map((one) => [one.deviceId, one]),
  );
}

/** The newest changes, of everything or of one thing. */
export async function changesOf(db: OrganisationDb, limit: number, subject?: string): Promise<ChangeLine[]> {
  const rows = await db
    .select()
    .from(change)
    .where(
      and(
        eq(change.organisationId, db.organisationId),
        subject === undefined ? undefined : eq(change.subject, subject),
      ),
    )
    .orderBy(desc(change.at), change.id)
    .limit(limit);
  return rows.map(({ id, at, userId, name, action, subject, before, after }) => ({
    id,
    at: at.getTime(),
    ...(userId && name ? { by: { userId, name } } : {}),
    action,
    subject,
    before,
    after,
  }));
}
