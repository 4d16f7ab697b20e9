/** What of the audit is shown, as it stands in the address and as the edge is asked for it. Pure. */
import type { AuditKind } from "#core/access/audit-kinds.ts";
import { type AuditFilter, auditFilter } from "#core/messages/people.ts";

/** The two days, as 2026-11-24, are the first and the last that are shown. */
export interface AuditSearch {
  by?: string | undefined;
  kind?: AuditKind | undefined;
  from?: string | undefined;
  until?: string | undefined;
}

/** When a day begins where the person is, or one some days later. Milliseconds; undefined for what is no day. */
function beginOf(day: string | undefined, later = 0): number | undefined {
  const [year = Number.NaN, month = Number.NaN, date = Number.NaN] = day?.split("-").map(Number) ?? [];
  const at = new Date(year, month - 1, date + later).getTime();
  return Number.isNaN(at) ? undefined : at;
}

export function filterOf({ by, kind, from, until }: AuditSearch): AuditFilter {
  const asked = { by, kind, from: beginOf(from), until: beginOf(until, 1) };
  const named = Object.entries(asked).filter(([, value]) => value !== undefined);
  return auditFilter.safeParse(Object.fromEntries(named)).data ?? {};
}
