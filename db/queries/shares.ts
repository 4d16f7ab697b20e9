/** Giving a member or a team a door, or every door of a site, beyond what their role reaches. */
import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { reachesEverywhere } from "#core/access/permissions.ts";
import { role } from "#core/messages/portal-api.ts";
import { type DeviceId, deviceId, moment, type TeamId, type UserId, userId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { type Actor, audited, inTurn, milliseconds, stillIs, time } from "./changing.ts";
import { holds } from "./reach.ts";

export const storedShare = z.object({
  shareId: z.uuid(),
  deviceId: deviceId.optional(),
  siteId: z.uuid().optional(),
  /** Of the door or the site. */
  name: z.string(),
  endsAt: moment.optional(),
});

/** The shares `s` of which this is true and that hold, as a JSON array of `storedShare`. */
export const sharesWhere = (condition: SQL, now: number): SQL => sql`(
  select coalesce(json_agg(json_strip_nulls(json_build_object('shareId', s.id, 'deviceId', s.device_id, 'siteId', s.site_id,
      'name', coalesce(d.name, p.name), 'endsAt', ${milliseconds(sql`s.ends_at`)})) order by s.created_at), '[]'::json)
    from share s left join device d on d.id = s.device_id left join site p on p.id = s.site_id
   where ${condition} and ${holds(now)})`;

export interface Shared {
  id: string;
  with: { userId: UserId } | { teamId: TeamId };
  what: { deviceId: DeviceId } | { siteId: string };
  /** Milliseconds. Nothing: until it is taken back. */
  endsAt?: number;
}

/** A share as the audit shows it. */
const shown = (name: SQL, place: SQL, endsAt: SQL): SQL =>
  sql`jsonb_build_object('name', ${name}, 'place', ${place}, 'endsAt', ${endsAt})`;

/** Shares a door or a site; shared already, it ends when this says. False: there is no such member or team, door or site. */
export function shareWith(db: OrganisationDb, by: Actor, { id, with: whom, what, endsAt }: Shared, now: number) {
  const ends = endsAt === undefined ? sql`null::timestamptz` : time(endsAt);
  const [device, site] = "deviceId" in what ? [what.deviceId, null] : [null, what.siteId];
  const [person, team] = "userId" in whom ? [whom.userId, null] : [null, whom.teamId];
  const place =
    "deviceId" in what
      ? sql`select name from device where id = ${device}::uuid and released_at is null`
      : sql`select name from site where id = ${site}::uuid`;
  const who =
    "userId" in whom
      ? sql`select u.name from member m join "user" u on u.id = m.user_id where m.user_id = ${person}`
      : sql`select name from team where id = ${team}::uuid`;
  const about = (end: SQL) => shown(sql`who.name`, sql`place.name`, end);
  return inTurn(
    db,
    sql`with place as (${place}), who as (${who}),
      old as (select ends_at from share
        where user_id is not distinct from ${person}::text and team_id is not distinct from ${team}::uuid
          and device_id is not distinct from ${device}::uuid and site_id is not distinct from ${site}::uuid),
      given as (
        insert into share (id, organisation_id, user_id, team_id, device_id, site_id, ends_at, created_at)
        select ${id}::uuid, ${db.organisationId}, ${person}::text, ${team}::uuid, ${device}::uuid, ${site}::uuid, ${ends}, ${time(now)}
          from who, place where ${stillIs(by)}
        on conflict on constraint share_once do update set ends_at = excluded.ends_at
        returning coalesce(user_id, team_id::text) as subject
      ),
      done as (
        select given.subject, ${about(ends)} as after, (select ${about(sql`old.ends_at`)} from old) as before
          from given join who on true join place on true
      ) ${audited(db, by, device === null ? "share-site" : "share-door", now)}`,
  );
}

/**
 * Shares a device with the member who has just claimed it, where their role does not reach it anyway: whoever plugged it in
 * gets to it. Nothing where the device is not the organisation's.
 * @param at when it was claimed, ISO 8601
 */
export const shareWithClaimer = (
  db: OrganisationDb,
  { deviceId, userId, who, at }: { deviceId: DeviceId; userId: string; who: string; at: string },
): SQL => sql`
  with given as (
    insert into share (id, organisation_id, user_id, device_id, created_at)
    select gen_random_uuid(), ${db.organisationId}, m.user_id, d.id, ${at}::timestamptz
      from member m join device d on d.organisation_id = m.organisation_id
     where m.user_id = ${userId} and d.id = ${deviceId}::uuid and d.claimed_by = m.user_id and d.released_at is null
       and m.role <> all(${sql.param(role.options.filter(reachesEverywhere))}::text[])
    on conflict do nothing
    returning user_id, device_id
  ),
  done as (
    select user_id as subject, null::jsonb as before, ${shown(sql`${who}::text`, sql`d.name`, sql`null::timestamptz`)} as after
      from given join device d on d.id = given.device_id
  ) ${audited(db, { userId, name: who }, "share-door", Date.parse(at))}`;

/** Takes a share back. Returns whom it gave a door; nothing if there is no such share. */
export async function endShare(db: OrganisationDb, by: Actor, id: string, now: number): Promise<UserId[] | undefined> {
  const [, { rows }] = await db.batch([
    db.execute(sql`select from organisation for update`),
    db.execute(sql`
      with gone as (delete from share where id = ${id}::uuid and ${stillIs(by)} returning *),
      done as (
        select coalesce(gone.user_id, gone.team_id::text) as subject, null::jsonb as after,
          ${shown(sql`coalesce(u.name, t.name)`, sql`coalesce(d.name, p.name)`, sql`gone.ends_at`)} as before
          from gone left join "user" u on u.id = gone.user_id left join team t on t.id = gone.team_id
          left join device d on d.id = gone.device_id left join site p on p.id = gone.site_id
      ),
      noted as (${audited(db, by, "end-share", now)})
      select array(select m.user_id from team_member m where m.team_id = gone.team_id
        union select gone.user_id where gone.user_id is not null) as people from gone`),
  ]);
  return rows[0] && z.array(userId).parse(rows[0].people);
}
