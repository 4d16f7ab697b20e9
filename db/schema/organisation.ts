/** Organisations, who belongs to them, and their sites. */
import { index, integer, pgTable, text, timestamp, unique, uuid } from "drizzle-orm/pg-core";
import { user } from "./account.ts";

export const organisation = pgTable("organisation", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  /** Whose own it is: made once, when they first signed in. */
  foundedBy: text("founded_by")
    .unique()
    .references(() => user.id, { onDelete: "set null" }),
  /** How long calls and their pictures are kept. Days. */
  retentionDays: integer("retention_days").notNull().default(30),
  createdAt: timestamp("created_at", { withTimezone: true, mode: "date" }).notNull().defaultNow(),
});

export const member = pgTable(
  "member",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    role: text("role", { enum: ["owner", "administrator", "operator", "installer", "resident", "viewer"] }).notNull(),
    createdAt: timestamp("created_at", { withTimezone: true, mode: "date" }).notNull().defaultNow(),
  },
  (table) => [unique("member_once").on(table.organisationId, table.userId), index("member_user").on(table.userId)],
);

export const site = pgTable(
  "site",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** As on an envelope. With the country it sets the time zone, until somebody says otherwise. */
    address: text("address"),
    /** ISO 3166-1 alpha-2. */
    country: text("country"),
    /** IANA name: its devices and its hours go by it. */
    timeZone: text("time_zone").notNull().default("UTC"),
  },
  (table) => [unique("site_of_organisation").on(table.organisationId, table.id)],
);
