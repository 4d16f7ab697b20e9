/** What was changed and opened in an organisation, by whom: the two audits as one list. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { type AuditEntry, auditEntry } from "#core/messages/people.ts";
import type { OrganisationDb } from "../client.ts";
import { time } from "./changing.ts";

/** Where a page ended: its last entry's moment (milliseconds) and identifier. */
export interface AuditPlace {
  at: number;
  id: string;
}

const line = z.object({ id: z.uuid(), entry: auditEntry });

/** Newest first. Entries of the same moment are told apart by their identifiers. */
export async function auditPage(
  db: OrganisationDb,
  limit: number,
  after?: AuditPlace,
): Promise<{ id: string; entry: AuditEntry }[]> {
  const { rows } = await db.execute(sql`
    select id, json_strip_nulls(json_build_object(
        'at', floor(extract(epoch from at) * 1000)::bigint, 'by', case when user_id is not null then json_build_object('userId', user_id, 'name', name) end, 'what', what
      )) as entry
      from (
        select id, at, user_id, name, json_build_object('type', 'change', 'action', action,
            'subject', subject, 'before', before, 'after', after) as what
          from change
        union all
        select a.id, a.at, a.user_id, a.name, json_build_object('type', 'open-door', 'deviceId', a.device_id, 'door', d.name,
            'callId', a.call_id, 'state', a.state, 'reason', a.reason)
          from audit_line a join device d on d.id = a.device_id
      ) both_audits
     where ${after ? sql`(at, id) < (${time(after.at)}, ${after.id}::uuid)` : sql`true`}
     order by at desc, id desc limit ${limit}`);
  return z.array(line).parse(rows);
}
