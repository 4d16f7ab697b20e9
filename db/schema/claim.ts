/** An organisation's claims of devices, step by step. */
import { sql } from "drizzle-orm";
import { index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { moment } from "./moment.ts";
import { organisation } from "./organisation.ts";

export const claim = pgTable(
  "claim",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    /** Of a factory identity. The organisation's own `device` comes to be with the presence. */
    deviceId: uuid("device_id").notNull(),
    userId: text("user_id").notNull(),
    /** Who claims, as they were called then. */
    who: text("who").notNull(),
    /** What the device is to be called, and where it is to stand. */
    name: text("name").notNull(),
    siteId: uuid("site_id"),
    state: text("state", { enum: ["waiting", "present", "enrolled", "configured", "ready", "failed"] }).notNull(),
    /** Why it failed. */
    reason: text("reason", { enum: ["nobody-present", "several-waiting", "claimed-elsewhere", "given-up"] }),
    acceptedAt: moment("accepted_at").notNull(),
    /** Until when somebody has to be present. */
    expiresAt: moment("expires_at").notNull(),
    presentAt: moment("present_at"),
    enrolledAt: moment("enrolled_at"),
    configuredAt: moment("configured_at"),
    registeredAt: moment("registered_at"),
    readyAt: moment("ready_at"),
    failedAt: moment("failed_at"),
  },
  (table) => [
    // Two organisations that race for one device: Postgres lets one through.
    uniqueIndex("claim_one_holder")
      .on(table.deviceId)
      .where(sql`${table.state} in ('present', 'enrolled', 'configured', 'ready')`),
    uniqueIndex("claim_waits_once").on(table.organisationId, table.deviceId).where(sql`${table.state} = 'waiting'`),
    index("claim_newest").on(table.organisationId, table.acceptedAt.desc()),
  ],
);
