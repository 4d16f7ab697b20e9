/** Which releases devices take by themselves, and how each rollout went, device by device. */
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { MaintenanceWindow } from "#core/schedule/maintenance-window.ts";
import { device } from "./device.ts";
import { moment } from "./moment.ts";
import { organisation, site } from "./organisation.ts";

/** What is said for the whole organisation, or for one site or device of it. The nearest counts. */
export const firmwarePolicy = pgTable(
  "firmware_policy",
  {
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    siteId: uuid("site_id"),
    deviceId: uuid("device_id"),
    /** Null: as the next farther place says. */
    policy: text("policy", { enum: ["all", "security-critical", "manual"] }),
    windows: jsonb("windows").$type<MaintenanceWindow[]>(),
    /** Somebody is asked before each step of a rollout that begins by itself. Said for the organisation alone. */
    approval: boolean("approval").notNull().default(false),
  },
  (table) => [
    unique("firmware_policy_once").on(table.organisationId, table.siteId, table.deviceId).nullsNotDistinct(),
    check("firmware_policy_of_one", sql`${table.siteId} is null or ${table.deviceId} is null`),
    foreignKey({
      name: "firmware_policy_site_fk",
      columns: [table.organisationId, table.siteId],
      foreignColumns: [site.organisationId, site.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "firmware_policy_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
  ],
);

export const rollout = pgTable(
  "rollout",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    model: text("model").notNull(),
    revision: text("revision").notNull(),
    /** The release's number, and what was signed of it. */
    release: integer("release").notNull(),
    critical: boolean("critical").notNull(),
    note: text("note"),
    state: text("state", { enum: ["running", "awaits-approval", "paused", "done", "stopped", "replaced"] }).notNull(),
    reason: text("reason", { enum: ["failures", "by-person"] }),
    /** Cumulative percents. */
    steps: integer("steps").array().notNull(),
    step: integer("step").notNull(),
    stepSince: moment("step_since").notNull(),
    approval: boolean("approval").notNull(),
    /** The rollout that this one goes back behind. */
    back: uuid("back"),
    /** Who began it, as they were called then. Null: it began by itself, as the policy says. */
    userId: text("user_id"),
    name: text("name"),
    startedAt: moment("started_at").notNull(),
    /** When its state last changed. */
    changedAt: moment("changed_at").notNull(),
  },
  (table) => [
    unique("rollout_of_organisation").on(table.organisationId, table.id),
    // Two releases at once would fight for the same devices.
    uniqueIndex("rollout_one_open")
      .on(table.organisationId, table.model, table.revision)
      .where(sql`${table.state} not in ('stopped', 'replaced')`),
    index("rollout_newest").on(table.organisationId, table.startedAt.desc()),
  ],
);

export const rolloutDevice = pgTable(
  "rollout_device",
  {
    organisationId: text("organisation_id").notNull(),
    rolloutId: uuid("rollout_id").notNull(),
    deviceId: uuid("device_id").notNull(),
    step: integer("step").notNull(),
    /** Whether the release mends a weakness of what it ran when it was taken in. */
    critical: boolean("critical").notNull(),
    state: text("state", {
      enum: ["waits", "told", "under-way", "restarting", "healthy", "failed", "left"],
    }).notNull(),
    failure: text("failure", { enum: ["failed", "fell-back", "refused", "silent", "no-answer"] }),
    /** In the device's own words. */
    detail: text("detail"),
    attempts: integer("attempts").notNull().default(0),
    deadline: moment("deadline"),
    since: moment("since").notNull(),
    /** Of the command by which it was told last. */
    commandId: uuid("command_id"),
  },
  (table) => [
    primaryKey({ columns: [table.rolloutId, table.deviceId] }),
    index("rollout_device_of_device").on(table.organisationId, table.deviceId),
    index("rollout_device_deadline").on(table.deadline).where(sql`${table.deadline} is not null`),
    foreignKey({
      name: "rollout_device_rollout_fk",
      columns: [table.organisationId, table.rolloutId],
      foreignColumns: [rollout.organisationId, rollout.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "rollout_device_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
  ],
);
