/** /api/firmware/…: which releases are taken by themselves, and when. */
import type { z } from "zod";
import { policyFor } from "#core/firmware/policy.ts";
import type { SiteId } from "#core/messages/device-api.ts";
import type {
  DevicePolicy,
  deviceFirmware,
  firmwareOverview,
  OrganisationPolicy,
  SitePolicy,
} from "#core/messages/firmware-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { firmwareDevices } from "#db/queries/firmware-devices.ts";
import { firmwarePolicies, savePolicy } from "#db/queries/firmware-policy.ts";
import { siteRows } from "#db/queries/sites.ts";
import type { Identity } from "../auth/session.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import { answerFirmware } from "./overview.ts";

type Overview = z.input<typeof firmwareOverview>;

export async function answerOrganisationPolicy(
  env: Env,
  db: OrganisationDb,
  asked: OrganisationPolicy,
  { userId, name }: Identity,
  now: number,
): Promise<Overview> {
  const { organisation } = await firmwarePolicies(db);
  await savePolicy(db, { place: "organisation" }, asked, organisation, { userId, name });
  return answerFirmware(env, db, now);
}

export async function answerSitePolicy(
  env: Env,
  db: OrganisationDb,
  id: SiteId,
  asked: SitePolicy,
  { userId, name }: Identity,
  now: number,
): Promise<Overview | Response> {
  const [{ sites }, known] = await Promise.all([firmwarePolicies(db), siteRows(db)]);
  if (!known.some(({ siteId }) => siteId === id)) return problem(404, "unknown-site", "There is no such site here.");
  await savePolicy(db, { place: "site", id }, asked, sites.get(id) ?? {}, { userId, name });
  return answerFirmware(env, db, now);
}

export async function answerDeviceFirmware(
  db: OrganisationDb,
  id: DeviceId,
): Promise<z.input<typeof deviceFirmware> | Response> {
  const [policies, [device]] = await Promise.all([firmwarePolicies(db), firmwareDevices(db, id)]);
  if (!device) return problem(404, "unknown-device", "There is no such device here.");
  const own = policies.devices.get(id)?.policy;
  const otherwise = policyFor(policies.sites.get(device.siteId), policies.organisation).policy;
  return { otherwise, ...(own ? { policy: own } : {}) };
}

export async function answerDevicePolicy(
  db: OrganisationDb,
  id: DeviceId,
  asked: DevicePolicy,
  { userId, name }: Identity,
): Promise<z.input<typeof deviceFirmware> | Response> {
  const before = await answerDeviceFirmware(db, id);
  if (before instanceof Response) return before;
  await savePolicy(db, { place: "device", id }, asked, { policy: before.policy }, { userId, name });
  return answerDeviceFirmware(db, id);
}
