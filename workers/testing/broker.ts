/** What the broker of a media node brings from devices, for tests of the routes. */
import { env } from "cloudflare:workers";
import { type DeviceEvent, type EventOutcome, eventOutcomes } from "#core/messages/broker-link.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { Portal } from "./portal.ts";

/** Many in one request. @returns how each went */
export async function bringAll(events: DeviceEvent[], node = "nowhere"): Promise<EventOutcome[]> {
  const headers = { authorization: `Bearer ${env.MEDIA_NODE_TOKEN}` };
  const answer = await new Portal().ask("/media-node/devices/events", { body: { node, events }, headers });
  return eventOutcomes.parse(await answer.json()).outcomes;
}

export async function bring(deviceId: DeviceId, event: DeviceEvent["event"], node?: string): Promise<EventOutcome> {
  const [outcome] = await bringAll([{ deviceId, event }], node);
  if (!outcome) throw new Error("not answered");
  return outcome;
}
