/** The logs of devices: what is known of each. Their lines lie in the bucket, under the organisation. */
import { date, foreignKey, index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { device } from "./device.ts";
import { moment } from "./moment.ts";

export const deviceLog = pgTable(
  "device_log",
  {
    /** Of one that was asked for: the command's. */
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id").notNull(),
    deviceId: uuid("device_id").notNull(),
    /** Of one that the device streamed by itself: the day (UTC) on which its lines came. Null: it was asked for. */
    day: date("day", { mode: "string" }),
    /** When it came, or its last line did. */
    receivedAt: moment("received_at").notNull(),
    lines: integer("lines").notNull().default(0),
    /** Those of them that are warnings or worse. */
    warnings: integer("warnings").notNull().default(0),
    /** As kept. */
    octets: integer("octets").notNull().default(0),
  },
  (table) => [
    unique("log_of_day").on(table.organisationId, table.deviceId, table.day),
    index("log_newest").on(table.organisationId, table.deviceId, table.receivedAt.desc()),
    index("log_oldest").on(table.receivedAt),
    foreignKey({
      name: "log_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
  ],
);
