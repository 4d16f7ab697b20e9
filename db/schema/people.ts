/** Who may come in, and which doors people get to beyond what their role reaches. */
import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { invitationEnds } from "#core/messages/people.ts";
import { device } from "./device.ts";
import { moment } from "./moment.ts";
import { member, organisation, site } from "./organisation.ts";

/** An open invitation. Once it is over it is gone; the audit remembers it, and `endedInvitation` why its link leads nowhere. */
export const invitation = pgTable(
  "invitation",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    /** Lower case. */
    email: text("email").notNull(),
    role: text("role", { enum: ["owner", "administrator", "operator", "installer", "resident", "viewer"] }).notNull(),
    /** SHA-256 of what the mail's link carries, hexadecimal. */
    tokenHash: text("token_hash").notNull().unique(),
    invitedBy: text("invited_by").notNull(),
    /** As they were called then. */
    invitedByName: text("invited_by_name").notNull(),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
  },
  (table) => [unique("invitation_once").on(table.organisationId, table.email)],
);

/** Why an invitation's link holds no more, for whoever opens it later. It names nobody. */
export const endedInvitation = pgTable(
  "ended_invitation",
  {
    tokenHash: text("token_hash").primaryKey(),
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    how: text("how", { enum: invitationEnds }).notNull(),
    /** Until when it is remembered. */
    goesAt: moment("goes_at").notNull(),
  },
  (table) => [index("ended_invitation_goes").on(table.goesAt)],
);

/** A door, or every door of a site, that a member gets to by more than their role. Ends with the membership. */
export const share = pgTable(
  "share",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id").notNull(),
    userId: text("user_id").notNull(),
    deviceId: uuid("device_id"),
    siteId: uuid("site_id"),
    /** Nothing: until it is taken back. */
    endsAt: moment("ends_at"),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    check("share_of_one", sql`num_nonnulls(${table.deviceId}, ${table.siteId}) = 1`),
    unique("share_once").on(table.organisationId, table.userId, table.deviceId, table.siteId).nullsNotDistinct(),
    foreignKey({
      name: "share_member_fk",
      columns: [table.organisationId, table.userId],
      foreignColumns: [member.organisationId, member.userId],
    }).onDelete("cascade"),
    foreignKey({
      name: "share_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "share_site_fk",
      columns: [table.organisationId, table.siteId],
      foreignColumns: [site.organisationId, site.id],
    }).onDelete("cascade"),
  ],
);
