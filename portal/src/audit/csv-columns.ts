/** The columns of the audit's file: as it is kept, for whoever looks closer. */
import type { AuditEntry } from "#core/messages/people.ts";
import type { CsvColumn } from "../design/csv.ts";

const asKept = (value: unknown) => (value === undefined || value === null ? undefined : JSON.stringify(value));

type Column = "at" | "by" | "byId" | "action" | "about" | "subject" | "before" | "after" | "id";

/** @param title the column's title in the person's language */
export function auditColumns(title: (name: Column) => string): CsvColumn<AuditEntry>[] {
  return [
    { title: title("at"), value: ({ at }) => new Date(at).toISOString() },
    { title: title("by"), value: ({ by }) => by?.name },
    { title: title("byId"), value: ({ by }) => by?.userId },
    { title: title("action"), value: ({ what }) => (what.type === "change" ? what.action : what.type) },
    { title: title("about"), value: ({ what }) => (what.type === "change" ? what.about : what.door) },
    { title: title("subject"), value: ({ what }) => (what.type === "change" ? what.subject : what.deviceId) },
    { title: title("before"), value: ({ what }) => (what.type === "change" ? asKept(what.before) : undefined) },
    {
      title: title("after"),
      value: ({ what }) =>
        what.type === "change" ? asKept(what.after) : [what.state, what.reason].filter(Boolean).join(", "),
    },
    { title: title("id"), value: ({ id }) => id },
  ];
}
