/** The audit of everything but doors: who changed what, and how it was before. Outlives what it speaks of. */
import { index, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { organisation } from "./organisation.ts";

export const change = pgTable(
  "change",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    at: timestamp("at", { withTimezone: true, mode: "date", precision: 3 }).notNull().defaultNow(),
    /** Who, as they were called then. Null: the platform or the device itself. */
    userId: text("user_id"),
    name: text("name"),
    /** What was done, as `rename-device`. */
    action: text("action").notNull(),
    /** What it was done to: the id of a device, a site, a member, … */
    subject: text("subject").notNull(),
    /** What is shown of it, never a secret. Null: there was nothing before, or is nothing after. */
    before: jsonb("before"),
    after: jsonb("after"),
  },
  (table) => [
    index("change_newest").on(table.organisationId, table.at.desc(), table.id),
    index("change_of_subject").on(table.organisationId, table.subject, table.at.desc()),
  ],
);
