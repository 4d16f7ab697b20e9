/** The outputs that open doors, with who may use them. */
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { z } from "zod";
import { type Opener, opener } from "#core/access/door-openers.ts";
import { type DeviceId, label, type UserId, userId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { user } from "../schema/account.ts";
import { device, doorOutput, doorOutputPerson } from "../schema/device.ts";
import { member } from "../schema/organisation.ts";

export const storedOpeners = z.array(opener);

/** The openers of the `device` in a query, by their numbers. */
export const openersOfDevice: SQL = sql`(
  select coalesce(json_agg(json_build_object('output', o.number, 'name', o.name, 'pulse', o.pulse, 'confirm', o.confirm,
      'openedBy', case when o.opened_by is null then '"everybody"'::jsonb else jsonb_build_object('roles', o.opened_by,
        'people', (select coalesce(jsonb_agg(jsonb_build_object('userId', u.id, 'name', u.name) order by u.name, u.id), '[]'::jsonb)
          from door_output_person p join "user" u on u.id = p.user_id
         where p.device_id = o.device_id and p.number = o.number)) end) order by o.number), '[]'::json)
    from door_output o where o.device_id = ${device.id} and o.organisation_id = ${device.organisationId})`;

/** Puts these in the place of those a device has. */
export function replaceOpeners(
  db: OrganisationDb,
  id: DeviceId,
  openers: readonly Opener[],
): [BatchItem<"pg">, ...BatchItem<"pg">[]] {
  const own = { organisationId: db.organisationId, deviceId: id };
  const rows = openers.map(({ output, openedBy, ...one }) => ({
    ...own,
    ...one,
    number: output,
    openedBy: openedBy === "everybody" ? null : openedBy.roles,
  }));
  const people = openers.flatMap(({ output, openedBy }) =>
    openedBy === "everybody" ? [] : openedBy.people.map(({ userId }) => ({ ...own, number: output, userId })),
  );
  return [
    db.delete(doorOutput).where(and(eq(doorOutput.organisationId, db.organisationId), eq(doorOutput.deviceId, id))),
    ...(rows.length > 0 ? [db.insert(doorOutput).values(rows)] : []),
    ...(people.length > 0 ? [db.insert(doorOutputPerson).values(people)] : []),
  ];
}

const named = z.array(z.object({ userId, name: label }));

/** Those of these people who belong to the organisation, as they are called. */
export async function membersNamed(db: OrganisationDb, ids: readonly UserId[]): Promise<z.infer<typeof named>> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ userId: user.id, name: user.name })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .where(and(eq(member.organisationId, db.organisationId), inArray(member.userId, [...ids])));
  return named.parse(rows);
}
