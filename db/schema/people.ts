/** Who may come in, and which doors people get to beyond what their role reaches. */
import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
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

/** Members under a name, with whom doors are shared together. */
export const team = pgTable(
  "team",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id")
      .notNull()
      .references(() => organisation.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    unique("team_of_organisation").on(table.organisationId, table.id),
    unique("team_name_once").on(table.organisationId, table.name),
  ],
);

export const teamMember = pgTable(
  "team_member",
  {
    organisationId: text("organisation_id").notNull(),
    teamId: uuid("team_id").notNull(),
    userId: text("user_id").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.teamId, table.userId] }),
    index("team_member_person").on(table.organisationId, table.userId),
    foreignKey({
      name: "team_member_team_fk",
      columns: [table.organisationId, table.teamId],
      foreignColumns: [team.organisationId, team.id],
    }).onDelete("cascade"),
    foreignKey({
      name: "team_member_member_fk",
      columns: [table.organisationId, table.userId],
      foreignColumns: [member.organisationId, member.userId],
    }).onDelete("cascade"),
  ],
);

/** A door, or every door of a site, that a member or a team gets to by more than their role. Ends with the membership, or the team. */
export const share = pgTable(
  "share",
  {
    id: uuid("id").primaryKey(),
    organisationId: text("organisation_id").notNull(),
    userId: text("user_id"),
    teamId: uuid("team_id"),
    deviceId: uuid("device_id"),
    siteId: uuid("site_id"),
    /** Nothing: until it is taken back. */
    endsAt: moment("ends_at"),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    check("share_of_one", sql`num_nonnulls(${table.deviceId}, ${table.siteId}) = 1`),
    check("share_with_one", sql`num_nonnulls(${table.userId}, ${table.teamId}) = 1`),
    unique("share_once")
      .on(table.organisationId, table.userId, table.teamId, table.deviceId, table.siteId)
      .nullsNotDistinct(),
    foreignKey({
      name: "share_member_fk",
      columns: [table.organisationId, table.userId],
      foreignColumns: [member.organisationId, member.userId],
    }).onDelete("cascade"),
    foreignKey({
      name: "share_team_fk",
      columns: [table.organisationId, table.teamId],
      foreignColumns: [team.organisationId, team.id],
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
