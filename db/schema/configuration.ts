/** What a device ought to be, beside its name, buttons and door outputs, and what it said it is. */
import { boolean, foreignKey, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { device } from "./device.ts";
import { moment } from "./moment.ts";

export const deviceConfiguration = pgTable(
  "device_configuration",
  {
    deviceId: uuid("device_id").primaryKey(),
    organisationId: text("organisation_id").notNull(),
    /** Grows with every change of what the device is told. */
    version: integer("version").notNull().default(1),
    outputRules: jsonb("output_rules").notNull().default([]),
    cameras: jsonb("cameras").notNull().default([]),
    /** By camera: what opens it, sealed under the platform's key (workers/devices/camera-credentials.ts). */
    sealedCredentials: jsonb("sealed_credentials").notNull().default({}),
    /** Cameras that don't answer the device, as it last said. */
    silentCameras: text("silent_cameras").array().notNull().default([]),
    /** Why it does not ask some of these, by camera. */
    camerasNotAsked: jsonb("cameras_not_asked").notNull().default({}),
    /** The version and configuration that were last sent. */
    sentVersion: integer("sent_version").notNull().default(0),
    sent: jsonb("sent"),
    reportedVersion: integer("reported_version"),
    reported: jsonb("reported"),
    reportedAt: moment("reported_at"),
    /** What had been sent as the version it last reported: what the report is held against. Null: it runs with none of ours. */
    applied: jsonb("applied"),
    /** Where it stands in its own network, as it said. */
    address: text("address"),
    /** Fields that were changed on the device and that somebody decided to overwrite. */
    dropped: text("dropped").array().notNull().default([]),
    /** States that last, as it last said. */
    states: text("states").array().notNull().default([]),
    /** The number of the release that runs, and whether it lies below the security floor, as it last reported. */
    release: integer("release"),
    belowFloor: boolean("below_floor").notNull().default(false),
    /** How far a firmware update is, as it last said. */
    progress: jsonb("progress"),
    /** The media node it is connected to by MQTT. Null: it is not connected. */
    connectedTo: text("connected_to"),
    connectedAt: moment("connected_at"),
    /** The media node that was lost while it was connected there: nobody knows how it is. */
    lostWith: text("lost_with"),
    /** Until when its media node, which is back, waits for it. Null: it came, or nobody waits for it there. */
    awaitedUntil: moment("awaited_until"),
  },
  (table) => [
    foreignKey({
      name: "configuration_device_fk",
      columns: [table.organisationId, table.deviceId],
      foreignColumns: [device.organisationId, device.id],
    }).onDelete("cascade"),
  ],
);
