/** The audit of everything but doors. */
import type { OrganisationDb } from "../client.ts";
import { change } from "../schema/change.ts";

/** Writes who did what to which subject, and what was shown of it before and after. @param now milliseconds */
export async function noteChange(
  db: OrganisationDb,
  { userId, name }: { userId: string; name: string },
  action: string,
  subject: string,
  before: unknown,
  after: unknown,
  now: number,
): Promise<void> {
  const { organisationId } = db;
  await db.insert(change).values({ organisationId, at: new Date(now), userId, name, action, subject, before, after });
}
