/** /api/sites: where devices stand. */
import type { z } from "zod";
import type { SiteChange, SiteId, siteList, siteRow } from "#core/messages/device-api.ts";
import { zoneAfter } from "#core/schedule/place.ts";
import type { OrganisationDb } from "#db/client.ts";
import { changeSite, makeSite, siteRows } from "#db/queries/sites.ts";
import type { Identity } from "../auth/session.ts";
import { tellDesired } from "../devices/to-devices.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";

const several = () => problem(422, "which-time-zone", "There are several time zones in this country. Choose one.");

export async function answerSites(db: OrganisationDb): Promise<z.input<typeof siteList>> {
  return { sites: await siteRows(db) };
}

const one = async (db: OrganisationDb, id: SiteId) => (await siteRows(db)).find(({ siteId }) => siteId === id);

export async function answerNewSite(
  db: OrganisationDb,
  parts: SiteChange,
  { userId, name }: Identity,
  now: number,
): Promise<z.input<typeof siteRow> | Response> {
  const timeZone = zoneAfter({ timeZone: "UTC" }, parts, now);
  if (timeZone === undefined) return several();
  const id = await makeSite(db, { ...parts, timeZone }, { userId, name });
  return { siteId: id, ...parts, timeZone, devices: 0 };
}

export async function answerSiteChange(
  env: Env,
  db: OrganisationDb,
  id: SiteId,
  parts: SiteChange,
  { userId, name }: Identity,
  now: number,
): Promise<z.input<typeof siteRow> | Response> {
  const before = await one(db, id);
  if (!before) return problem(404, "unknown-site", "There is no such site here.");
  const timeZone = zoneAfter(before, parts, now);
  if (timeZone === undefined) return several();
  const told = await changeSite(db, before, { ...parts, timeZone }, { userId, name });
  await Promise.all(told.map((device) => tellDesired(env, db, device)));
  const { siteId, devices } = before;
  return { siteId, devices, ...parts, timeZone };
}
