/** How a device hangs together with what is kept beside it, for every query that asks for both. */
import { and, eq, isNull } from "drizzle-orm";
import type { OrganisationDb } from "../client.ts";
import { deviceConfiguration } from "../schema/configuration.ts";
import { device } from "../schema/device.ts";
import { site } from "../schema/organisation.ts";

export const ofItsSite = and(eq(site.id, device.siteId), eq(site.organisationId, device.organisationId));

export const ofItsConfiguration = and(
  eq(deviceConfiguration.deviceId, device.id),
  eq(deviceConfiguration.organisationId, device.organisationId),
);

/** The organisation's, and not given up. */
export const stillOurs = (db: OrganisationDb) =>
  and(eq(device.organisationId, db.organisationId), isNull(device.releasedAt));
