/** Who belongs to which organisation. */
import { and, asc, eq } from "drizzle-orm";
import { type Me, role } from "#core/messages/portal-api.ts";
import { organisationId, userId } from "#core/messages/values.ts";
import type { Db } from "../client.ts";
import { user } from "../schema/account.ts";
import { member, organisation } from "../schema/organisation.ts";

/** The organisation a person works in: the first they joined. Undefined for one who belongs to none. */
export async function membership(db: Db, ofUser: string): Promise<Me | undefined> {
  const [row] = await db
    .select({
      id: user.id,
      name: user.name,
      email: user.email,
      organisationId: organisation.id,
      organisationName: organisation.name,
      role: member.role,
    })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .innerJoin(organisation, eq(organisation.id, member.organisationId))
    .where(and(eq(member.userId, ofUser)))
    .orderBy(asc(member.createdAt))
    .limit(1);
  if (!row) return undefined;
  return {
    user: { id: userId.parse(row.id), name: row.name, email: row.email },
    organisation: { id: organisationId.parse(row.organisationId), name: row.organisationName },
    role: role.parse(row.role),
  };
}

/** A new person's own organisation, with them as its owner. */
export async function foundOrganisation(db: Db, name: string, ofUser: string): Promise<void> {
  const id = crypto.randomUUID();
  await db.batch([
    db.insert(organisation).values({ id, name }),
    db.insert(member).values({ organisationId: id, userId: ofUser, role: "owner" }),
  ]);
}
