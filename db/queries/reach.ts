/** Which doors somebody gets to: in SQL what `core/access` says about roles and shares. */
import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { z } from "zod";
import { may, reachesEverywhere } from "#core/access/permissions.ts";
import { type Role, role } from "#core/messages/portal-api.ts";
import { type DeviceId, deviceId, moment, type UserId, userId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { milliseconds, time } from "./changing.ts";

/** Who looks, as a check of their session found them, and when. */
export interface Look {
  userId: UserId;
  role: Role;
  /** Milliseconds. */
  now: number;
}

/** Whether the share `s` holds at that moment (milliseconds). */
export const holds = (now: number): SQL => sql`(s.ends_at is null or s.ends_at > ${time(now)})`;

/** Whether the share `s` is with that person: with themselves, or with a team they are in. */
const isWith = (person: SQL): SQL =>
  sql`(s.user_id = ${person} or s.team_id in (select t.team_id from team_member t where t.user_id = ${person}))`;

const named = (roles: readonly Role[]): SQL =>
  sql.join(
    roles.map((one) => sql`${one}`),
    sql`, `,
  );
const answering = role.options.filter((one) => may(one, "answer-call"));

/** Whether the door `id` at the site `siteId` is shared with the member `m`. */
export const isShared = (id: PgColumn | SQL, siteId: PgColumn | SQL, now: number): SQL => sql`exists (
  select from share s where s.organisation_id = m.organisation_id and ${isWith(sql`m.user_id`)}
    and (s.device_id = ${id} or s.site_id = ${siteId}) and ${holds(now)})`;

/** Whether a button of the door `id` at the site `siteId` rings the member `m`, wherever they are: they may answer, and reach it. */
export const rings = (
  id: PgColumn | SQL,
  siteId: PgColumn | SQL,
  now: number,
): SQL => sql`(m.role in (${named(answering)})
  and (m.role in (${named(answering.filter(reachesEverywhere))}) or ${isShared(id, siteId, now)}))`;

/** Whether the member `m` may answer where a door is shared with them, and none with a button is. */
export const rungByNone = (
  now: number,
): SQL => sql`(m.role in (${named(answering.filter((one) => !reachesEverywhere(one)))})
  and not exists (select from device d join device_button b on b.device_id = d.id
    where d.organisation_id = m.organisation_id and d.released_at is null and ${rings(sql`d.id`, sql`d.site_id`, now)}))`;

/** The devices that are shared with somebody. One that was given up is nobody's. */
const sharedWith = (userId: UserId, now: number): SQL => sql`
  select d.id from device d
    join share s on s.organisation_id = d.organisation_id and (s.device_id = d.id or s.site_id = d.site_id)
   where ${isWith(sql`${userId}`)} and ${holds(now)} and d.released_at is null`;

/** The condition that a device's identifier is one of those that somebody reaches; nothing where they reach every one. */
export function reachedBy(column: PgColumn, { userId, role, now }: Look): SQL | undefined {
  return reachesEverywhere(role) ? undefined : sql`${column} in (${sharedWith(userId, now)})`;
}

/** Which doors somebody reaches, and when (milliseconds) the first of their shares ends. */
export interface Reach {
  doors: "all" | DeviceId[];
  until?: number;
}

const found = z.object({ doors: z.array(deviceId), until: moment.nullable() });

export async function reachOf(db: OrganisationDb, { userId, role, now }: Look): Promise<Reach> {
  if (reachesEverywhere(role)) return { doors: "all" };
  const { rows } = await db.execute(sql`
    select array(${sharedWith(userId, now)}) as doors,
      (select ${milliseconds(sql`min(s.ends_at)`)} from share s
        where ${isWith(sql`${userId}`)} and ${holds(now)}) as until`);
  const { doors, until } = found.parse(rows[0]);
  return { doors, ...(until === null ? {} : { until }) };
}

/** Who gets to a device by a share alone, at that moment (milliseconds). */
export async function reachedByShare(db: OrganisationDb, id: DeviceId, now: number): Promise<Set<UserId>> {
  const { rows } = await db.execute(sql`
    select m.user_id as id from member m join device d on d.id = ${id}
     where m.role not in (${named(role.options.filter(reachesEverywhere))}) and ${isShared(sql`d.id`, sql`d.site_id`, now)}`);
  return new Set(rows.map(({ id: person }) => userId.parse(person)));
}
