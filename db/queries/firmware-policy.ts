/** Which releases are taken by themselves: as was said for the organisation, its sites and its devices. */
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { policyFor, type Update, type UpdateSetting, updateSetting } from "#core/firmware/policy.ts";
import type { SiteId } from "#core/messages/device-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "../client.ts";
import { change } from "../schema/change.ts";
import { firmwarePolicy } from "../schema/firmware.ts";
import type { Author } from "./configuration.ts";

const absent = <T>(value: T | null) => value ?? undefined;
const said = z.object({
  policy: updateSetting.shape.policy.unwrap().nullable().transform(absent),
  windows: updateSetting.shape.windows.unwrap().nullable().transform(absent),
  approval: z.boolean(),
});
const nothing = { policy: undefined, windows: undefined, approval: false };

export interface FirmwarePolicies {
  organisation: z.infer<typeof said>;
  sites: ReadonlyMap<string, UpdateSetting>;
  devices: ReadonlyMap<string, UpdateSetting>;
}

export async function firmwarePolicies(db: OrganisationDb): Promise<FirmwarePolicies> {
  const rows = await db.select().from(firmwarePolicy).where(eq(firmwarePolicy.organisationId, db.organisationId));
  const sites = new Map<string, UpdateSetting>();
  const devices = new Map<string, UpdateSetting>();
  let organisation: FirmwarePolicies["organisation"] = nothing;
  for (const row of rows) {
    const { policy, windows, approval } = said.parse(row);
    if (row.deviceId) devices.set(row.deviceId, { policy, windows });
    else if (row.siteId) sites.set(row.siteId, { policy, windows });
    else organisation = { policy, windows, approval };
  }
  return { organisation, sites, devices };
}

/** What counts for a device at a site. */
export const updateOf = (policies: FirmwarePolicies, device: { deviceId: DeviceId; siteId: SiteId }): Update =>
  policyFor(policies.devices.get(device.deviceId), policies.sites.get(device.siteId), policies.organisation);

export type PolicyPlace = { place: "organisation" } | { place: "site"; id: SiteId } | { place: "device"; id: DeviceId };

/** Says something else for one place, and writes who did. */
export async function savePolicy(
  db: OrganisationDb,
  at: PolicyPlace,
  setting: UpdateSetting & { approval?: boolean },
  before: UpdateSetting & { approval?: boolean },
  by: Author,
): Promise<void> {
  const { organisationId } = db;
  const siteId = at.place === "site" ? at.id : null;
  const deviceId = at.place === "device" ? at.id : null;
  const here = and(
    eq(firmwarePolicy.organisationId, organisationId),
    sql`${firmwarePolicy.siteId} is not distinct from ${siteId}::uuid`,
    sql`${firmwarePolicy.deviceId} is not distinct from ${deviceId}::uuid`,
  );
  const row = { policy: setting.policy ?? null, windows: setting.windows ?? null, approval: setting.approval ?? false };
  await db.batch([
    db.delete(firmwarePolicy).where(here),
    db.insert(firmwarePolicy).values({ organisationId, siteId, deviceId, ...row }),
    db.insert(change).values({
      organisationId,
      ...{ userId: by.userId, name: by.name },
      action: "change-firmware-policy",
      subject: at.place === "organisation" ? organisationId : at.id,
      before,
      after: setting,
    }),
  ]);
}
