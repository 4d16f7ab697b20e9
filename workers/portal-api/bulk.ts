/** One thing done to many devices, each for itself: what became of each is told, and what went wrong at one holds up no other. */
import type { z } from "zod";
import {
  type BulkAction,
  type BulkOutcome,
  type bulkRequest,
  type bulkResults,
  mostGroups,
} from "#core/messages/device-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { changeDevice, configurationsOf } from "#db/queries/configuration.ts";
import { placesOf } from "#db/queries/device-list.ts";
import { siteRows } from "#db/queries/sites.ts";
import type { Identity } from "../auth/session.ts";
import { askDevice, tellDesired } from "../devices/to-devices.ts";
import type { Env } from "../env.ts";
import { problem } from "../http/problem.ts";
import { moving } from "./devices.ts";

/** As many devices are worked on at the same time: each takes a handful of statements. */
const atOnce = 4;

/** POST /api/devices/bulk. 422 where nothing of it can be done. */
export async function answerBulk(
  env: Env,
  db: OrganisationDb,
  { devices, action }: z.output<typeof bulkRequest>,
  identity: Identity,
  now: number,
): Promise<z.input<typeof bulkResults> | Response> {
  if (action.do === "move" && !(await siteRows(db)).some(({ siteId }) => siteId === action.siteId))
    return problem(422, "unknown-site", "There is no such site here.");
  const act = await actorFor(env, db, devices, action, identity, now);
  const results: z.input<typeof bulkResults>["results"] = [];
  for (let at = 0; at < devices.length; at += atOnce) {
    const some = devices.slice(at, at + atOnce);
    results.push(...(await Promise.all(some.map(async (deviceId) => ({ deviceId, outcome: await act(deviceId) })))));
  }
  return { results };
}

/** What is done to one. */
async function actorFor(
  env: Env,
  db: OrganisationDb,
  devices: DeviceId[],
  action: BulkAction,
  { userId, name }: Identity,
  now: number,
): Promise<(id: DeviceId) => Promise<BulkOutcome>> {
  const [places, configurations] = await Promise.all([placesOf(db, devices), configurationsOf(db, devices)]);
  return async (id) => {
    const place = places.get(id);
    const found = configurations.get(id);
    if (!place || !found) return "unknown";
    if (action.do === "renew-certificate" || action.do === "update-firmware") {
      if (place.virtual) return "not-possible";
      return (await askDevice(env, db, id, { do: action.do }, { userId, name }, now)).state;
    }
    const { siteId, groups } = place;
    const change =
      action.do === "move" ? { siteId: action.siteId } : { groups: [...new Set([...groups, action.group])] };
    if (change.siteId === siteId || change.groups?.length === groups.length) return "unchanged";
    if (change.groups && change.groups.length > mostGroups) return "not-possible";
    const { version, configuration } = found;
    const before = { siteId, groups, configuration };
    const make = () => changeDevice(db, id, { version, ...change }, before, { userId, name });
    if (!(await (change.siteId ? moving(env, db, id, make, now) : make()))) return "changed-meanwhile";
    await tellDesired(env, db, id);
    return "done";
  };
}
