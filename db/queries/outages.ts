/** Watching over devices: how each is connected, when it was away last, and the mails that tell people. */
import { and, eq, inArray, isNotNull, sql } from "drizzle-orm";
import { z } from "zod";
import { cause, type Outage, type SiteNews, type Watched } from "#core/device/watch.ts";
import type { Role } from "#core/messages/portal-api.ts";
import { type DeviceId, deviceId, type OrganisationId, organisationId } from "#core/messages/values.ts";
import type { Db, OrganisationDb } from "../client.ts";
import { deviceConfiguration } from "../schema/configuration.ts";
import { device } from "../schema/device.ts";
import { site } from "../schema/organisation.ts";
import { outage, watchMail } from "../schema/outage.ts";
import { asMilliseconds } from "./as-milliseconds.ts";
import { milliseconds, time } from "./changing.ts";
import { ofItsConfiguration, ofItsSite, stillOurs } from "./of-device.ts";

/** The organisations where something dropped off that people don't know of, or came back, or a mail about that is due. @param now milliseconds */
export async function toWatch(db: Db, now: number): Promise<OrganisationId[]> {
  const { rows } = await db.execute(sql`select organisations_to_watch(${new Date(now)}) as id`);
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
  awaitedUntil: moment,
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
      awaitedUntil: c.awaitedUntil,
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
 * Keeps them, and in the same statement a mail for everybody who is told of them. Two that look at the same moment see the same, and
 * one of them keeps and tells it.
 * @param roles of those who look after devices
 * @param now milliseconds
 */
export async function saveOutages(
  db: OrganisationDb,
  outages: readonly Outage<DeviceId>[],
  news: readonly SiteNews<DeviceId>[],
  roles: readonly Role[],
  now: number,
): Promise<void> {
  const date = (at: number | null) => (at === null ? null : new Date(at));
  const rows = outages.map(({ since, toldAt, endedAt, endToldAt, ...one }) => ({
    ...one,
    organisationId: db.organisationId,
    since: new Date(since),
    toldAt: date(toldAt),
    endedAt: date(endedAt),
    endToldAt: date(endToldAt),
  }));
  if (rows.length === 0) return;
  const another = sql`${outage.since} <> excluded.since`;
  const further = sql`${outage.endToldAt} is null and (${outage.toldAt} is null
    or ${outage.endedAt} is distinct from excluded.ended_at or excluded.end_told_at is not null)`;
  const saved = db
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
    .returning();
  const mails = news.flatMap(({ siteId, away, back }) =>
    Object.entries({ away, back }).map(([kind, of]) => ({ siteId, kind, devices: of.map((one) => one.deviceId) })),
  );
  await db.execute(sql`
    with saved as ${saved},
      news as (select * from jsonb_to_recordset(${JSON.stringify(mails)}::jsonb) n("siteId" uuid, kind text, devices uuid[]))
    insert into watch_mail (id, organisation_id, user_id, site_id, kind, outages, written_at, due_at)
    select gen_random_uuid(), ${db.organisationId}, m.user_id, n."siteId", n.kind,
        jsonb_agg(jsonb_build_object('name', d.name, 'cause', s.cause, 'since', ${milliseconds(sql`s.since`)},
          'endedAt', ${milliseconds(sql`s.ended_at`)}) order by s.since, d.name),
        ${time(now)}, ${time(now)}
      from news n join saved s on s.device_id = any (n.devices) join device d on d.id = s.device_id
      join member m on m.role = any (${sql.param([...roles])}::text[])
     group by m.user_id, n."siteId", n.kind`);
}

const watchMailRow = z.object({
  id: z.uuid(),
  kind: z.enum(["away", "back"]),
  outages: z.array(z.object({ name: z.string(), cause, since: z.number(), endedAt: z.number().nullable() })),
  writtenAt: z.number(),
  tries: z.int(),
  person: z.object({ email: z.string(), name: z.string() }),
  organisation: z.string(),
  site: z.string(),
  timeZone: z.string(),
});
/** A mail to one person about one site. `tries`: how often it was taken to be sent, with this time. */
export type WatchMail = z.infer<typeof watchMailRow>;

/**
 * Takes mails that are due, to send them: nobody else takes them before `until`, and then somebody does if they are neither sent nor
 * put off. @param now, until milliseconds
 */
export async function takeDueMails(db: OrganisationDb, most: number, now: number, until: number): Promise<WatchMail[]> {
  const { rows } = await db.execute(sql`
    with due as (
      select id from watch_mail where due_at <= ${time(now)} order by written_at, kind limit ${most} for update skip locked
    ),
    taken as (
      update watch_mail w set tries = tries + 1, due_at = ${time(until)} from due where w.id = due.id returning w.*
    )
    select w.id, w.kind, w.outages, ${milliseconds(sql`w.written_at`)} as "writtenAt", w.tries,
        json_build_object('email', u.email, 'name', u.name) as person, o.name as organisation, s.name as site,
        s.time_zone as "timeZone"
      from taken w join "user" u on u.id = w.user_id join organisation o on o.id = w.organisation_id
      join site s on s.id = w.site_id`);
  return z.array(watchMailRow).parse(rows);
}

/** They were sent, or are given up. */
export async function forgetMails(db: OrganisationDb, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.delete(watchMail).where(inArray(watchMail.id, [...ids]));
}

/** They were not taken, and are sent again. */
export async function putOffMails(db: OrganisationDb, mails: readonly { id: string; dueAt: number }[]): Promise<void> {
  if (mails.length === 0) return;
  await db.execute(sql`
    update watch_mail w set due_at = later."dueAt"
      from jsonb_to_recordset(${JSON.stringify(mails.map(({ id, dueAt }) => ({ id, dueAt: new Date(dueAt) })))}::jsonb)
        later(id uuid, "dueAt" timestamptz)
     where w.id = later.id`);
}
