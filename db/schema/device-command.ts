/** What devices were asked to do, and how that went. Doors are not among them: they are in the audit of calls. */
import { foreignKey, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { DeviceCommand } from "#core/messages/device.ts";
import { device } from "./device.ts";
import { moment } from "./moment.ts";

export const deviceCommand = pgTable(
  "device_command",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id").notNull(),
    deviceId: uuid("device_id").notNull(),
    userId: text("user_id").notNull(),
    /** Who asked, as they were called then. */
    name: text("name").notNull(),
    command: jsonb("command").$type<DeviceCommand>().notNull(),
    state: text("state", { enum: ["sent", "offline", "done", "expired", "refused", "failed"] }).notNull(),
    detail: text("detail"),
    askedAt: moment("asked_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
    answeredAt: moment("answered_at"),
  },
  (table) => [
    index("command_newest").on(table.organisationId, table.deviceId, table.askedAt.desc()),
    foreignKey({
      name: "command_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
  ],
);
