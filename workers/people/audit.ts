/** GET /api/audit: who changed and opened what, newest first. GET /api/audit/people: who is named there. */
import { z } from "zod";
import { auditFilter, type auditList, type auditPeople } from "#core/messages/people.ts";
import { moment } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { type AuditPlace, auditAuthors, auditPage } from "#db/queries/audit.ts";

const page = 50;

/** Where a page ended. Opaque to whoever holds it. */
const cursor = z
  .string()
  .max(100)
  .transform((text, context): AuditPlace => {
    const [at, id] = text.split("_");
    const parsed = z.object({ at: moment, id: z.uuid() }).safeParse({ at: Number(at), id });
    if (parsed.success) return parsed.data;
    context.addIssue({ code: "custom", message: "is not one that was given out" });
    return z.NEVER;
  });

export const auditQuery = auditFilter.extend({ cursor: cursor.optional() });

export async function answerAudit(
  db: OrganisationDb,
  { cursor: after, ...filter }: z.output<typeof auditQuery>,
): Promise<z.input<typeof auditList>> {
  const found = await auditPage(db, page + 1, filter, after);
  const entries = found.slice(0, page);
  const last = found.length > page ? entries.at(-1) : undefined;
  return { entries, ...(last ? { next: `${last.at}_${last.id}` } : {}) };
}

export async function answerAuditPeople(db: OrganisationDb): Promise<z.input<typeof auditPeople>> {
  return { people: await auditAuthors(db) };
}
