/** What remains of calls. Names are copied in, so that the history stays true when people and doors change. */
import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import type { CallEvent, CallOutcome } from "#core/call/record.ts";
import type { DoorCommandReason, DoorCommandState, EndReason, LegFate } from "#core/messages/values.ts";
import { device } from "./device.ts";
import { moment } from "./moment.ts";
import { organisation } from "./organisation.ts";

export const call = pgTable(
  "call",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    deviceId: uuid("device_id").notNull(),
    direction: text("direction", { enum: ["from-station", "to-station"] }).notNull(),
    door: text("door").notNull(),
    site: text("site").notNull(),
    button: text("button"),
    startedAt: moment("started_at").notNull(),
    answeredAt: moment("answered_at"),
    endedAt: moment("ended_at").notNull(),
    outcome: text("outcome").$type<CallOutcome>().notNull(),
    reason: text("reason").$type<EndReason>().notNull(),
    answeredByUserId: text("answered_by_user_id"),
    answeredByName: text("answered_by_name"),
    /** Who called the station, where the call went to it. */
    placedByUserId: text("placed_by_user_id"),
    placedByName: text("placed_by_name"),
    /** Who opened the door, where the door confirmed it. */
    openedBy: text("opened_by"),
    receivers: integer("receivers").notNull(),
  },
  (table) => [
    unique("call_of_organisation").on(table.organisationId, table.id),
    index("call_newest").on(table.organisationId, table.startedAt.desc(), table.id.desc()),
    index("call_of_device").on(table.organisationId, table.deviceId, table.startedAt.desc()),
    foreignKey({
      name: "call_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
  ],
);

export const callLeg = pgTable(
  "call_leg",
  {
    organisationId: text("organisation_id").notNull(),
    callId: uuid("call_id").notNull(),
    legId: uuid("leg_id").notNull(),
    userId: text("user_id").notNull(),
    name: text("name").notNull(),
    via: text("via", { enum: ["browser", "phone", "station"] }).notNull(),
    fate: text("fate").$type<LegFate>().notNull(),
    toldAt: moment("told_at"),
    rangAt: moment("rang_at"),
    endedAt: moment("ended_at"),
  },
  (table) => [
    primaryKey({ columns: [table.callId, table.legId] }),
    foreignKey({
      name: "leg_call_fk",
      columns: [table.organisationId, table.callId],
      foreignColumns: [call.organisationId, call.id],
    }).onDelete("cascade"),
  ],
);

/** The time line, in order. Also the audit of door openings: who, when, and whether the door confirmed it. */
export const callEvent = pgTable(
  "call_event",
  {
    organisationId: text("organisation_id").notNull(),
    callId: uuid("call_id").notNull(),
    line: integer("line").notNull(),
    at: moment("at").notNull(),
    what: jsonb("what").$type<CallEvent["what"]>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.callId, table.line] }),
    foreignKey({
      name: "event_call_fk",
      columns: [table.organisationId, table.callId],
      foreignColumns: [call.organisationId, call.id],
    }).onDelete("cascade"),
  ],
);

/** Who did what to a door, in a call or without one. Each state of a command once. Outlives the call's own row. */
export const auditLine = pgTable(
  "audit_line",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    at: moment("at").notNull(),
    userId: text("user_id").notNull(),
    name: text("name").notNull(),
    action: text("action", { enum: ["open-door"] }).notNull(),
    deviceId: uuid("device_id").notNull(),
    callId: uuid("call_id"),
    commandId: uuid("command_id").notNull(),
    state: text("state").$type<DoorCommandState>().notNull(),
    reason: text("reason").$type<DoorCommandReason>(),
  },
  (table) => [
    unique("audit_line_once").on(table.organisationId, table.commandId, table.state),
    index("audit_line_newest").on(table.organisationId, table.at.desc()),
    foreignKey({
      name: "audit_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
  ],
);

/** Pictures that were taken; the picture itself lies in object storage under the call's identifier. Written while the call still rings. */
export const snapshot = pgTable("snapshot", {
  callId: uuid("call_id").primaryKey(),
  organisationId: text("organisation_id")
    .notNull()
    .references(() => organisation.id, { onDelete: "cascade" }),
  takenAt: moment("taken_at").notNull(),
});
