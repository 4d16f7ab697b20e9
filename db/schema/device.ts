/** Door stations, their buttons and the outputs that open doors. Foreign keys carry the organisation. */
import { sql } from "drizzle-orm";
import {
  boolean,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { moment } from "./moment.ts";
import { member, organisation, site } from "./organisation.ts";

export const device = pgTable(
  "device",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    siteId: uuid("site_id").notNull(),
    name: text("name").notNull(),
    /** The station that stands in the page until there is a real one. */
    virtual: boolean("virtual").notNull().default(false),
    position: integer("position").notNull().default(0),
    /** Words by which devices are found and changed together: "car park", "third floor". */
    groups: text("groups").array().notNull().default([]),
    createdAt: timestamp("created_at", { withTimezone: true, mode: "date" }).notNull().defaultNow(),
    /** From its name plate. The virtual station has no hardware. */
    model: text("model"),
    revision: text("revision"),
    serial: text("serial"),
    /** As it last reported. */
    firmware: text("firmware"),
    claimedAt: moment("claimed_at"),
    /** A user's id, and what they were called then. */
    claimedBy: text("claimed_by"),
    claimedByName: text("claimed_by_name"),
    lastSeenAt: moment("last_seen_at"),
    /** Given up: its history stays, and it is the organisation's no more. */
    releasedAt: moment("released_at"),
  },
  (table) => [
    unique("device_of_organisation").on(table.organisationId, table.id),
    index("device_site").on(table.siteId),
    uniqueIndex("device_one_virtual").on(table.organisationId).where(sql`${table.virtual}`),
    foreignKey({
      name: "device_site_fk",
      columns: [table.organisationId, table.siteId],
      foreignColumns: [site.organisationId, site.id],
    }).onDelete("cascade"),
  ],
);

export const deviceButton = pgTable(
  "device_button",
  {
    organisationId: text("organisation_id").notNull(),
    deviceId: uuid("device_id").notNull(),
    /** The user part of the request URI the station calls. */
    key: text("key").notNull(),
    label: text("label").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deviceId, table.key] }),
    foreignKey({
      name: "button_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
  ],
);

export const doorOutput = pgTable(
  "door_output",
  {
    organisationId: text("organisation_id").notNull(),
    deviceId: uuid("device_id").notNull(),
    number: integer("number").notNull(),
    name: text("name").notNull(),
    /** How long it is on. Milliseconds. */
    pulse: integer("pulse").notNull(),
    /** `hold`: holding the button opens. `ask`: the page asks once more before. */
    confirm: text("confirm", { enum: ["hold", "ask"] })
      .notNull()
      .default("hold"),
    /** Roles whose people may open by it, beside those in `door_output_person`. Null: everybody who reaches the door. */
    openedBy: text("opened_by", {
      enum: ["owner", "administrator", "operator", "installer", "resident", "viewer"],
    }).array(),
  },
  (table) => [
    primaryKey({ columns: [table.deviceId, table.number] }),
    unique("output_of_organisation").on(table.organisationId, table.deviceId, table.number),
    foreignKey({
      name: "output_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
  ],
);

/** Who may open by an output that is not for everybody. Ends with the membership. */
export const doorOutputPerson = pgTable(
  "door_output_person",
  {
    organisationId: text("organisation_id").notNull(),
    deviceId: uuid("device_id").notNull(),
    number: integer("number").notNull(),
    userId: text("user_id").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deviceId, table.number, table.userId] }),
    foreignKey({
      name: "output_person_output_fk",
      columns: [table.organisationId, table.deviceId, table.number],
      foreignColumns: [doorOutput.organisationId, doorOutput.deviceId, doorOutput.number],
    }).onDelete("cascade"),
    foreignKey({
      name: "output_person_member_fk",
      columns: [table.organisationId, table.userId],
      foreignColumns: [member.organisationId, member.userId],
    }).onDelete("cascade"),
  ],
);
