/**
 * How who belongs to an organisation is changed: by one statement that also writes the audit, one change after the other
 * within the organisation, and by somebody who is still what they were when they asked. So two owners who demote each
 * other leave one, and who was just removed invites nobody.
 */
import { type SQL, sql } from "drizzle-orm";
import { mayGive } from "#core/access/permissions.ts";
import { type Role, role } from "#core/messages/portal-api.ts";
import type { UserId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import type { Author } from "./configuration.ts";

/** Who makes a change. */
export interface Actor {
  userId: UserId;
  name: string;
  role: Role;
}

/** @param moment milliseconds */
export const time = (moment: number): SQL => sql`${new Date(moment).toISOString()}::timestamptz`;

/** A moment out of the database, in milliseconds. */
export const milliseconds = (column: SQL): SQL => sql`floor(extract(epoch from ${column}) * 1000)::float8`;

/** The roles that somebody of this role may give and take away. */
export function givable(own: Role): SQL {
  const roles = role.options.filter((one) => mayGive(own, one)).map((one) => sql`${one}`);
  return sql`array[${sql.join(roles, sql`, `)}]::text[]`;
}

export const stillIs = (by: Actor): SQL =>
  sql`exists (select from member where user_id = ${by.userId} and role = ${by.role})`;

/**
 * The end of a changing statement: a line of the audit for each row of its `done`, which has the id of what was changed as
 * `subject`, and `before` and `after` as JSON or null. @param by undefined: the platform itself
 */
export function audited({ organisationId }: OrganisationDb, by: Author | undefined, action: string, at: number): SQL {
  return sql`
    insert into change (organisation_id, at, user_id, name, action, subject, before, after)
    select ${organisationId}, ${time(at)}, ${by?.userId ?? null}, ${by?.name ?? null}, ${action}, subject::text, before, after from done`;
}

/** @returns whether anything was changed */
export async function inTurn(db: OrganisationDb, change: SQL): Promise<boolean> {
  const [, { rowCount }] = await db.batch([db.execute(sql`select from organisation for update`), db.execute(change)]);
  return rowCount > 0;
}
