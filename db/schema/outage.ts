/** The last time that each device was away, whether people were told, and the mails that tell them. */
import { foreignKey, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { device } from "./device.ts";
import { moment } from "./moment.ts";
import { member, site } from "./organisation.ts";

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

/**
 * A mail to one person about one site that nobody has taken yet. Written with the note that people are told, gone once it is taken or
 * given up, and with whom it is for. Its id is the same at each try, so that whoever takes it twice sends it once.
 */
export const watchMail = pgTable(
  "watch_mail",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id").notNull(),
    userId: text("user_id").notNull(),
    siteId: uuid("site_id").notNull(),
    kind: text("kind", { enum: ["away", "back"] }).notNull(),
    /** The devices that it names, as they were then. */
    outages: jsonb("outages").notNull(),
    writtenAt: moment("written_at").notNull(),
    tries: integer("tries").notNull().default(0),
    dueAt: moment("due_at").notNull(),
  },
  (table) => [
    index("watch_mail_due").on(table.dueAt),
    foreignKey({
      name: "watch_mail_member_fk",
      columns: [table.organisationId, table.userId],
      foreignColumns: [member.organisationId, member.userId],
    }).onDelete("cascade"),
    foreignKey({
      name: "watch_mail_site_fk",
      columns: [table.organisationId, table.siteId],
      foreignColumns: [site.organisationId, site.id],
    }).onDelete("cascade"),
  ],
);
