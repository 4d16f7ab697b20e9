/** What was changed and opened in an organisation, by whom: the two audits as one list. */
import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type AuditKind, actionsOf } from "#core/access/audit-kinds.ts";
import { type AuditEntry, type AuditFilter, auditEntry, auditPeople } from "#core/messages/people.ts";
import type { OrganisationDb } from "../client.ts";
import { time } from "./changing.ts";

/** Where a page ended: its last entry's moment (milliseconds) and identifier. */
export interface AuditPlace {
  at: number;
  id: string;
}

const ofKind = (kind: AuditKind): SQL => {
  const which = actionsOf(kind);
  const list = (names: readonly string[]) =>
    sql.join(
      names.map((name) => sql`${name}`),
      sql`, `,
    );
  return "these" in which ? sql`action in (${list(which.these)})` : sql`action not in (${list(which.allBut)})`;
};

function asked({ by, kind, from, until }: AuditFilter, after: AuditPlace | undefined): SQL {
  const conditions = [
    sql`true`,
    ...(by === undefined ? [] : [sql`user_id = ${by}`]),
    ...(kind === undefined ? [] : [ofKind(kind)]),
    ...(from === undefined ? [] : [sql`at >= ${time(from)}`]),
    ...(until === undefined ? [] : [sql`at < ${time(until)}`]),
    ...(after === undefined ? [] : [sql`(at, id) < (${time(after.at)}, ${after.id}::uuid)`]),
  ];
  return sql.join(conditions, sql` and `);
}

/** A device's or a site's name by what a change names as its subject, which may be anything else. */
const nameOfSubject = sql`(
  select coalesce((select name from device where id = one.id), (select name from site where id = one.id))
    from (select case when subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then subject::uuid end as id) one)`;

/** Newest first. Entries of the same moment are told apart by their identifiers. */
export async function auditPage(
  db: OrganisationDb,
  limit: number,
  filter: AuditFilter,
  after?: AuditPlace,
): Promise<AuditEntry[]> {
  const { rows } = await db.execute(sql`
    select json_strip_nulls(json_build_object(
        'id', id, 'at', floor(extract(epoch from at) * 1000)::bigint,
        'by', case when user_id is not null then json_build_object('userId', user_id, 'name', name) end,
        'what', coalesce(opening, json_build_object('type', 'change', 'action', action, 'subject', subject,
          'about', ${nameOfSubject}, 'before', before, 'after', after))
      )) as entry
      from (
        select id, at, user_id, name, action, subject, before, after, null::json as opening from change
        union all
        select a.id, a.at, a.user_id, a.name, a.action, null, null, null,
            json_build_object('type', 'open-door', 'deviceId', a.device_id, 'door', d.name,
              'callId', a.call_id, 'state', a.state, 'reason', a.reason)
          from audit_line a join device d on d.id = a.device_id
      ) both_audits
     where ${asked(filter, after)}
     order by at desc, id desc limit ${limit}`);
  return z
    .array(z.object({ entry: auditEntry }))
    .parse(rows)
    .map(({ entry }) => entry);
}

/** Everybody whom the audit names as who did something, as they were last called, by name. */
export async function auditAuthors(db: OrganisationDb): Promise<z.infer<typeof auditPeople>["people"]> {
  const { rows } = await db.execute(sql`
    select * from (
      select distinct on (user_id) user_id as "userId", name
        from (select user_id, name, at from change union all select user_id, name, at from audit_line) both_audits
       where user_id is not null
       order by user_id, at desc
    ) authors order by name, "userId"`);
  return auditPeople.shape.people.parse(rows);
}
