/** GET /api/audit: who changed and opened what, newest first. */
import { z } from "zod";
import type { auditList } from "#core/messages/people.ts";
import { moment } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { type AuditPlace, auditPage } from "#db/queries/audit.ts";

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

export const auditQuery = z.object({ cursor: cursor.optional() });

export async function answerAudit(
  db: OrganisationDb,
  { cursor: after }: z.output<typeof auditQuery>,
): Promise<z.input<typeof auditList>> {
  const found = await auditPage(db, page + 1, after);
  const shown = found.slice(0, page);
  const last = found.length > page ? shown.at(-1) : undefined;
  return { entries: shown.map(({ entry }) => entry), ...(last ? { next: `${last.entry.at}_${last.id}` } : {}) };
}
