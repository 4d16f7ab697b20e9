/** Sites: where devices stand, and whose time they keep. */
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { type SiteId, siteId } from "#core/messages/device-api.ts";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { change } from "../schema/change.ts";
import { deviceConfiguration } from "../schema/configuration.ts";
import { device } from "../schema/device.ts";
import { site } from "../schema/organisation.ts";
import type { Author } from "./configuration.ts";

const text = z
  .string()
  .nullable()
  .transform((value) => value ?? undefined);

const storedSite = z.object({
  siteId,
  name: z.string(),
  address: text,
  country: text,
  timeZone: z.string(),
  devices: z.coerce.number(),
});
export type StoredSite = z.infer<typeof storedSite>;

export async function siteRows(db: OrganisationDb): Promise<StoredSite[]> {
  const rows = await db
    .select({
      siteId: site.id,
      name: site.name,
      address: site.address,
      country: site.country,
      timeZone: site.timeZone,
      // Named in full: without a join a column is written without its table.
      devices: sql`(select count(*) from device d where d.site_id = site.id and d.released_at is null)`,
    })
    .from(site)
    .where(eq(site.organisationId, db.organisationId))
    .orderBy(asc(site.name));
  return z.array(storedSite).parse(rows);
}

interface SiteParts {
  name: string;
  address?: string | undefined;
  country?: string | undefined;
  timeZone: string;
}

export async function makeSite(db: OrganisationDb, parts: SiteParts, by: Author): Promise<SiteId> {
  const { organisationId } = db;
  const id = siteId.parse(crypto.randomUUID());
  const line = { organisationId, ...by, action: "make-site", subject: id, after: parts };
  await db.batch([db.insert(site).values({ id, organisationId, ...parts }), db.insert(change).values(line)]);
  return id;
}

/** @returns the devices there, which are to be told of a new time zone */
export async function changeSite(
  db: OrganisationDb,
  before: StoredSite,
  parts: SiteParts,
  by: Author,
): Promise<DeviceId[]> {
  const { organisationId } = db;
  const here = and(eq(site.id, before.siteId), eq(site.organisationId, organisationId));
  const { name, address, country, timeZone } = before;
  const line = { organisationId, ...by, action: "change-site", subject: before.siteId };
  const standing = db.select({ id: device.id }).from(device).where(eq(device.siteId, before.siteId));
  const [, raised] = await db.batch([
    db
      .update(site)
      .set({ ...parts, address: parts.address ?? null, country: parts.country ?? null })
      .where(here),
    db
      .update(deviceConfiguration)
      .set({ version: sql`${deviceConfiguration.version} + 1` })
      .where(
        and(eq(deviceConfiguration.organisationId, organisationId), inArray(deviceConfiguration.deviceId, standing)),
      )
      .returning({ id: deviceConfiguration.deviceId }),
    db.insert(change).values({ ...line, before: { name, address, country, timeZone }, after: parts }),
  ]);
  return raised.map(({ id }) => deviceId.parse(id));
}
