/** Watching over devices: how each is connected, when it was away last, and who is told. */
import { and, eq, inArray, isNotNull, sql } from "drizzle-orm";
import { z } from "zod";
import { cause, type Outage, returnPatience, type Watched } from "#core/device/watch.ts";
import type { Role } from "#core/messages/portal-api.ts";
import { type DeviceId, deviceId, type OrganisationId, organisationId } from "#core/messages/values.ts";
import type { Db, OrganisationDb } from "../client.ts";
import { user } from "../schema/account.ts";
import { deviceConfiguration } from "../schema/configuration.ts";
import { device } from "../schema/device.ts";
import { member, organisation, site } from "../schema/organisation.ts";
import { outage } from "../schema/outage.ts";
import { asMilliseconds } from "./as-milliseconds.ts";
import { ofItsConfiguration, ofItsSite, stillOurs } from "./of-device.ts";

/** The organisations where something dropped off that people don't know of, or came back. @param now milliseconds */
export async function toWatch(db: Db, now: number): Promise<OrganisationId[]> {
  const { rows } = await db.execute(sql`select organisations_to_watch(${new Date(now - returnPatience)}) as id`);
  return rows.map(({ id }) => organisationId.parse(id));
}

const moment = z
  .date()
  .nullable()
  .transform((date) => date?.getTime() ?? null);
const watched = z.object({
  deviceId,
  name: z.string(),
  siteId: z.string(),
  site: z.string(),
  timeZone: z.string(),
  connected: z.boolean(),
  lastSeenAt: moment,
  lostWithNode: z.boolean(),
  awaitedSince: moment,
  restarts: z.boolean(),
});
export type WatchedDevice = z.infer<typeof watched> & Watched<DeviceId>;

/** Every device that has ever reported, is still ours, and whose certificate was not revoked. Not virtual ones: they come and go. */
export async function watchedDevices(db: OrganisationDb): Promise<WatchedDevice[]> {
  const c = deviceConfiguration;
  const rows = await db
    .select({
      deviceId: device.id,
      name: device.name,
      siteId: site.id,
      site: site.name,
      timeZone: site.timeZone,
      connected: sql`${c.connectedTo} is not null`,
      lastSeenAt: device.lastSeenAt,
      lostWithNode: sql`${c.lostWith} is not null`,
      awaitedSince: c.awaitedSince,
      restarts: sql`coalesce(${c.progress} ->> 'phase' = 'installed', false)`,
    })
    .from(device)
    .innerJoin(site, ofItsSite)
    .innerJoin(c, ofItsConfiguration)
    .where(
      and(
        stillOurs(db),
        isNotNull(c.reportedAt),
        eq(device.virtual, false),
        sql`exists (select from certificate k where k.device_id = ${device.id} and k.revoked_at is null)`,
      ),
    );
  return z.array(watched).parse(rows);
}

const kept = z.object({
  deviceId,
  since: asMilliseconds,
  cause,
  toldAt: moment,
  endedAt: moment,
  endToldAt: moment,
});

export async function outagesOf(db: OrganisationDb): Promise<Outage<DeviceId>[]> {
  const rows = await db.select().from(outage).where(eq(outage.organisationId, db.organisationId));
  return z.array(kept).parse(rows);
}

/**
 * Keeps them. Two that look at the same moment see the same, and one of them tells it.
 * @returns the devices whose outage was not kept otherwise meanwhile
 */
export async function saveOutages(db: OrganisationDb, outages: readonly Outage<DeviceId>[]): Promise<Set<string>> {
  const date = (at: number | null) => (at === null ? null : new Date(at));
  const rows = outages.map(({ since, toldAt, endedAt, endToldAt, ...one }) => ({
    ...one,
    organisationId: db.organisationId,
    since: new Date(since),
    toldAt: date(toldAt),
    endedAt: date(endedAt),
    endToldAt: date(endToldAt),
  }));
  if (rows.length === 0) return new Set();
  const another = sql`${outage.since} <> excluded.since`;
  const further = sql`${outage.endToldAt} is null and (${outage.toldAt} is null
    or ${outage.endedAt} is distinct from excluded.ended_at or excluded.end_told_at is not null)`;
  const saved = await db
    .insert(outage)
    .values(rows)
    .onConflictDoUpdate({
      target: outage.deviceId,
      set: {
        since: sql`excluded.since`,
        cause: sql`excluded.cause`,
        toldAt: sql`excluded.told_at`,
        endedAt: sql`excluded.ended_at`,
        endToldAt: sql`excluded.end_told_at`,
      },
      setWhere: sql`${another} or (${further})`,
    })
    .returning({ deviceId: outage.deviceId });
  return new Set(saved.map((one) => one.deviceId));
}

const told = z.object({ email: z.string(), name: z.string(), organisation: z.string() });

/** Who is told, by mail. @param roles of those who look after devices */
export async function whoIsTold(db: OrganisationDb, roles: readonly Role[]): Promise<z.infer<typeof told>[]> {
  const rows = await db
    .select({ email: user.email, name: user.name, organisation: organisation.name })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .innerJoin(organisation, eq(organisation.id, member.organisationId))
    .where(and(eq(member.organisationId, db.organisationId), inArray(member.role, [...roles])));
  return z.array(told).parse(rows);
}
