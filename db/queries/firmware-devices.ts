/** Devices as far as firmware is concerned: what hardware they are, what they run, and whether they can be told. */
import { and, eq, isNotNull } from "drizzle-orm";
import { z } from "zod";
import { hardwareRevision } from "#core/device/revision.ts";
import { siteId } from "#core/messages/device-api.ts";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { deviceConfiguration } from "../schema/configuration.ts";
import { device } from "../schema/device.ts";
import { site } from "../schema/organisation.ts";
import { ofItsConfiguration, ofItsSite, stillOurs } from "./of-device.ts";

const firmwareDevice = z.object({
  deviceId,
  name: z.string(),
  siteId,
  site: z.string(),
  timeZone: z.string(),
  model: z.string(),
  revision: hardwareRevision,
  /** The release that it said it runs. */
  release: z.number().nullable(),
  connectedTo: z.string().nullable(),
});
export type FirmwareDevice = z.infer<typeof firmwareDevice>;

/** Every device that has hardware, or one. */
export async function firmwareDevices(db: OrganisationDb, id?: DeviceId): Promise<FirmwareDevice[]> {
  const c = deviceConfiguration;
  const rows = await db
    .select({
      deviceId: device.id,
      name: device.name,
      siteId: site.id,
      site: site.name,
      timeZone: site.timeZone,
      model: device.model,
      revision: device.revision,
      release: c.release,
      connectedTo: c.connectedTo,
    })
    .from(device)
    .innerJoin(site, ofItsSite)
    .leftJoin(c, ofItsConfiguration)
    .where(
      and(
        stillOurs(db),
        isNotNull(device.model),
        isNotNull(device.revision),
        id === undefined ? undefined : eq(device.id, id),
      ),
    );
  return z.array(firmwareDevice).parse(rows);
}
