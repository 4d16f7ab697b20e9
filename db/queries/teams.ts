/** Teams: members under a name, with whom doors are shared together. Each change returns whom it gives or takes a door. */
import { eq, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type TeamId, teamId, type UserId, userId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { teamMember } from "../schema/people.ts";
import { type Actor, audited, inTurn, stillIs, time } from "./changing.ts";
import { sharesWhere, storedShare } from "./shares.ts";

const storedTeam = z.object({
  teamId,
  name: z.string(),
  members: z.array(userId),
  shares: z.array(storedShare),
});
export type StoredTeam = z.infer<typeof storedTeam>;

/** Every team with its members and what is shared with it now, by name. */
export async function teamList(db: OrganisationDb, now: number): Promise<StoredTeam[]> {
  const { rows } = await db.execute(sql`
    select t.id as "teamId", t.name,
      array(select m.user_id from team_member m where m.team_id = t.id order by m.user_id) as members,
      ${sharesWhere(sql`s.team_id = t.id`, now)} as shares
      from team t order by t.name, t.id`);
  return z.array(storedTeam).parse(rows);
}

export async function membersOf(db: OrganisationDb, team: TeamId): Promise<UserId[]> {
  const rows = await db.select({ id: teamMember.userId }).from(teamMember).where(eq(teamMember.teamId, team));
  return rows.map(({ id }) => userId.parse(id));
}

/** False: a team is called so already, or it is not for `by` to say. */
export function makeTeam(db: OrganisationDb, by: Actor, id: TeamId, name: string, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with done as (
        insert into team (id, organisation_id, name, created_at)
        select ${id}::uuid, ${db.organisationId}, ${name}, ${time(now)} where ${stillIs(by)}
        on conflict on constraint team_name_once do nothing
        returning id as subject, null::jsonb as before, jsonb_build_object('name', name) as after
      ) ${audited(db, by, "make-team", now)}`,
  );
}

/** False: there is no such team, or another is called so already. */
export function renameTeam(db: OrganisationDb, by: Actor, id: TeamId, name: string, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with old as (select id, name from team where id = ${id}::uuid),
      done as (
        update team set name = ${name} from old where team.id = old.id and ${stillIs(by)}
          and not exists (select from team other where other.name = ${name} and other.id <> old.id)
        returning team.id as subject, jsonb_build_object('name', old.name) as before, jsonb_build_object('name', team.name) as after
      ) ${audited(db, by, "rename-team", now)}`,
  );
}

/** Ends a team with what is shared with it. @returns who was in it; nothing if there is no such team */
export async function endTeam(db: OrganisationDb, by: Actor, id: TeamId, now: number): Promise<UserId[] | undefined> {
  const [, { rows }] = await db.batch([
    db.execute(sql`select from organisation for update`),
    db.execute(sql`
      with people as (select array(select user_id from team_member where team_id = ${id}::uuid) as people),
      done as (
        delete from team where id = ${id}::uuid and ${stillIs(by)}
        returning id as subject, jsonb_build_object('name', name) as before, null::jsonb as after
      ),
      noted as (${audited(db, by, "end-team", now)})
      select people from people, done`),
  ]);
  return rows[0] && z.array(userId).parse(rows[0].people);
}

/** Somebody in a team, as the audit shows it. */
const place: SQL = sql`jsonb_build_object('name', u.name, 'team', t.name)`;

/** Takes a member into a team. False: there is no such member or team, or they are in it. */
export function joinTeam(db: OrganisationDb, by: Actor, id: TeamId, who: UserId, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with joined as (
        insert into team_member (organisation_id, team_id, user_id)
        select ${db.organisationId}, t.id, m.user_id from team t, member m
         where t.id = ${id}::uuid and m.user_id = ${who} and ${stillIs(by)}
        on conflict do nothing
        returning team_id, user_id
      ),
      done as (
        select joined.user_id as subject, null::jsonb as before, ${place} as after
          from joined join team t on t.id = joined.team_id join "user" u on u.id = joined.user_id
      ) ${audited(db, by, "join-team", now)}`,
  );
}

/** False: they are not in it, or it is not for `by` to say. */
export function leaveTeam(db: OrganisationDb, by: Actor, id: TeamId, who: UserId, now: number): Promise<boolean> {
  return inTurn(
    db,
    sql`with gone as (
        delete from team_member where team_id = ${id}::uuid and user_id = ${who} and ${stillIs(by)} returning team_id, user_id
      ),
      done as (
        select gone.user_id as subject, ${place} as before, null::jsonb as after
          from gone join team t on t.id = gone.team_id join "user" u on u.id = gone.user_id
      ) ${audited(db, by, "leave-team", now)}`,
  );
}
