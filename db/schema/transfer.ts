/** What is on its way to another owner, until they take it, refuse it, or its time is over. */
import { foreignKey, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { device } from "./device.ts";
import { moment } from "./moment.ts";
import { member } from "./organisation.ts";

/** An owner offers a member their own place. One at a time; it ends with either's membership. */
export const ownershipOffer = pgTable(
  "ownership_offer",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id").notNull(),
    offeredBy: text("offered_by").notNull(),
    offeredTo: text("offered_to").notNull(),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
  },
  (table) => [
    unique("ownership_offer_once").on(table.organisationId, table.offeredBy),
    foreignKey({
      name: "ownership_offer_by_fk",
      columns: [table.organisationId, table.offeredBy],
      foreignColumns: [member.organisationId, member.userId],
    }).onDelete("cascade"),
    foreignKey({
      name: "ownership_offer_to_fk",
      columns: [table.organisationId, table.offeredTo],
      foreignColumns: [member.organisationId, member.userId],
    }).onDelete("cascade"),
  ],
);

/** A device that is offered to another organisation. Taken, refused or withdrawn it is gone; the audit remembers it. */
export const deviceTransfer = pgTable(
  "device_transfer",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id").notNull(),
    deviceId: uuid("device_id").notNull(),
    /** Whose it may become alone, lower case. Null: whoever has the code may take it. */
    email: text("email"),
    /** HMAC-SHA-256 of the code, hexadecimal. */
    codeHmac: text("code_hmac").notNull().unique(),
    offeredBy: text("offered_by").notNull(),
    /** As they were called then. */
    offeredByName: text("offered_by_name").notNull(),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
  },
  (table) => [
    unique("device_transfer_once").on(table.organisationId, table.deviceId),
    foreignKey({
      name: "device_transfer_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "device_transfer_member_fk",
      columns: [table.organisationId, table.offeredBy],
      foreignColumns: [member.organisationId, member.userId],
    }).onDelete("cascade"),
  ],
);
