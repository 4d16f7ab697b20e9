/** One thing done to many devices, each for itself: what became of each is told, and what went wrong at one holds up no other. */
import type { z } from "zod";
import type { DeviceConfiguration } from "#core/device/configuration.ts";
import { same } from "#core/device/difference.ts";
import { modelNamed } from "#core/device/models.ts";
import { faultsOf } from "#core/device/suits-model.ts";
import {
  type BulkAction,
  type BulkOutcome,
  type bulkRequest,
  type bulkResults,
  mostGroups,
} from "#core/messages/device-api.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { changeDevice, configurationOf, configurationsOf, type DeviceEdit } from "#db/queries/configuration.ts";
import { type DevicePlace, placesOf } from "#db/queries/device-list.ts";
import { siteRows } from "#db/queries/sites.ts";
import type { Identity } from "../auth/session.ts";
import { askDevice, tellDesired } from "../devices/to-devices.ts";
import type { Env } from "../env.ts";
import { updateCommand } from "../firmware/asked.ts";
import { problem } from "../http/problem.ts";
import { moving } from "./devices.ts";
import { askForLog } from "./logs.ts";

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
  const from = action.do === "apply-output-rules" ? await configurationOf(db, action.from) : undefined;
  if (action.do === "apply-output-rules" && !from)
    return problem(422, "unknown-device", "There is no such device here to take the rules of.");
  const act = await actorFor({ env, db, identity, now }, devices, action, from?.configuration.outputRules);
  const results: z.input<typeof bulkResults>["results"] = [];
  for (let at = 0; at < devices.length; at += atOnce) {
    const some = devices.slice(at, at + atOnce);
    results.push(...(await Promise.all(some.map(async (deviceId) => ({ deviceId, outcome: await act(deviceId) })))));
  }
  return { results };
}

interface Asking {
  env: Env;
  db: OrganisationDb;
  identity: Identity;
  now: number;
}

/** What is done to one. @param rules those to apply */
async function actorFor(
  { env, db, identity: { userId, name }, now }: Asking,
  devices: DeviceId[],
  action: BulkAction,
  rules: DeviceConfiguration["outputRules"] = [],
): Promise<(id: DeviceId) => Promise<BulkOutcome>> {
  const by = { userId, name };
  const [places, configurations] = await Promise.all([placesOf(db, devices), configurationsOf(db, devices)]);
  const commandFor =
    action.do === "update-firmware" ? await updateCommand(db, action) : () => ({ do: "renew-certificate" }) as const;
  return async (id) => {
    const place = places.get(id);
    const found = configurations.get(id);
    if (!place || !found) return "unknown";
    if (action.do === "renew-certificate" || action.do === "update-firmware" || action.do === "fetch-log") {
      if (place.virtual) return "not-possible";
      if (action.do === "fetch-log") return (await askForLog(env, db, id, by, now))?.state ?? "unchanged";
      return (await askDevice(env, db, id, commandFor(place), by, now)).state;
    }
    const { version, configuration } = found;
    const change = changeOf(action, place, configuration, rules);
    if (typeof change === "string") return change;
    const before = { siteId: place.siteId, groups: place.groups, configuration };
    const make = () => changeDevice(db, id, { version, ...change }, before, by);
    if (!(await (change.siteId ? moving(env, db, id, make, now) : make()))) return "changed-meanwhile";
    await tellDesired(env, db, id);
    return "done";
  };
}

type Change = Pick<DeviceEdit, "siteId" | "groups" | "outputRules">;
type Changing = Exclude<BulkAction, { do: "renew-certificate" | "update-firmware" | "fetch-log" }>;
type Place = Pick<DevicePlace, "siteId" | "groups" | "model">;

/** What becomes of one; or why it stays as it is. */
function changeOf(
  action: Changing,
  { siteId, groups, model: named }: Place,
  configuration: DeviceConfiguration,
  rules: DeviceConfiguration["outputRules"],
): Change | BulkOutcome {
  switch (action.do) {
    case "move":
      return action.siteId === siteId ? "unchanged" : { siteId: action.siteId };
    case "add-group":
      if (groups.includes(action.group)) return "unchanged";
      return groups.length < mostGroups ? { groups: [...groups, action.group] } : "not-possible";
    case "apply-output-rules": {
      const model = named === null ? undefined : modelNamed(named);
      if (same(configuration.outputRules, rules)) return "unchanged";
      const fits = model && faultsOf({ ...configuration, outputRules: rules }, model).length === 0;
      return fits ? { outputRules: rules } : "not-possible";
    }
  }
}
