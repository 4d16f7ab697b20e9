/** The last time that each device was away, and whether people were told. */
import { foreignKey, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { device } from "./device.ts";
import { moment } from "./moment.ts";

export const outage = pgTable(
  "outage",
  {
    deviceId: uuid("device_id").primaryKey(),
    organisationId: text("organisation_id").notNull(),
    since: moment("since").notNull(),
    cause: text("cause").notNull(),
    toldAt: moment("told_at"),
    endedAt: moment("ended_at"),
    endToldAt: moment("end_told_at"),
  },
  (table) => [
    foreignKey({
      name: "outage_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
  ],
);
