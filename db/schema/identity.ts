/**
 * Who a device is (IEEE 802.1AR) and which certificates it was given. Platform tables, that belong to no organisation: a
 * device has its identity before anybody owns it, and a certificate's status is asked by who knows its number alone.
 * `holder_id` is the organisation that holds the device.
 */
import { sql } from "drizzle-orm";
import { index, integer, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import type { RevocationReason } from "#core/certificate/revocation-list.ts";
import { moment } from "./moment.ts";
import { organisation } from "./organisation.ts";

/** Who makes devices, and vouches for them by a certificate authority. */
export const maker = pgTable("maker", {
  /** SHA-256 of its authority's SubjectPublicKeyInfo, hexadecimal. */
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  /** Of its authority. PEM. */
  certificate: text("certificate").notNull(),
  /** The models it vouches for, as on the name plate. */
  models: text("models").array().notNull(),
  createdAt: moment("created_at").notNull().defaultNow(),
});

export const factoryIdentity = pgTable(
  "factory_identity",
  {
    /** The device's id for who holds it. Drawn anew when it is released, so that its next owner's history is its own. */
    id: uuid("id").primaryKey(),
    makerId: text("maker_id")
      .notNull()
      .references(() => maker.id),
    /** As in the subject of the factory certificate. A number is the maker's own: another's may be the same. */
    serial: text("serial").notNull(),
    model: text("model").notNull(),
    revision: text("revision").notNull(),
    /** HMAC-SHA-256 of the claim code, hexadecimal. */
    codeHmac: text("code_hmac").notNull().unique(),
    codeUsedAt: moment("code_used_at"),
    holderId: text("holder_id").references(() => organisation.id, { onDelete: "set null" }),
    /** When somebody last pressed at the unclaimed device. */
    pressedAt: moment("pressed_at"),
    /** When the device last asked to be enrolled. */
    lastSeenAt: moment("last_seen_at"),
    /** Revoked by its holder: its factory certificate gets it no other. */
    blockedAt: moment("blocked_at"),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    unique("factory_identity_of_maker").on(table.makerId, table.serial),
    index("factory_identity_holder").on(table.holderId),
  ],
);

/** Every operational certificate that was ever issued. */
export const certificate = pgTable(
  "certificate",
  {
    /** Hexadecimal, lower case. */
    serial: text("serial").primaryKey(),
    deviceId: uuid("device_id").notNull(),
    /** SHA-256 of its SubjectPublicKeyInfo, hexadecimal. */
    spkiHash: text("spki_hash").notNull(),
    /** How many certificates this key was given before: a key enrolled twice at the same moment gets one. */
    renewal: integer("renewal").notNull().default(0),
    pem: text("pem").notNull(),
    /** Of the authority that issued it: its key identifier, hexadecimal. */
    issuerId: text("issuer_id").notNull(),
    holderId: text("holder_id").references(() => organisation.id, { onDelete: "set null" }),
    /** The part of the revocation list that speaks for it, named in the certificate. */
    crlPart: text("crl_part").notNull(),
    issuedAt: moment("issued_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
    firstUsedAt: moment("first_used_at"),
    revokedAt: moment("revoked_at"),
    reason: text("reason").$type<RevocationReason>(),
  },
  (table) => [
    unique("certificate_once").on(table.deviceId, table.spkiHash, table.renewal),
    index("certificate_part").on(table.crlPart),
    index("certificate_holder").on(table.holderId),
    index("certificate_revoked").on(table.revokedAt).where(sql`${table.revokedAt} is not null`),
  ],
);

/** The newest list of each part of the revocation list (RFC 5280 §5). */
export const revocationList = pgTable("revocation_list", {
  part: text("part").primaryKey(),
  /** Grows with each list of the part (RFC 5280 §5.2.3). */
  number: integer("number").notNull(),
  /** DER, base64. */
  list: text("list").notNull(),
  signedAt: moment("signed_at").notNull(),
});
