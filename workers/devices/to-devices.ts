/** What the edge says to a device that is connected: what it ought to be now, and what it is asked to do. */
import type { DeviceCommand } from "#core/messages/device.ts";
import { type CommandId, commandId, type DeviceId } from "#core/messages/values.ts";
import type { OrganisationDb } from "#db/client.ts";
import { type Author, configurationOf, desiredOf, saveSent } from "#db/queries/configuration.ts";
import { nodeOf, saveCommand, saveOutcome } from "#db/queries/device-presence.ts";
import type { Env } from "../env.ts";
import { withCredentials } from "./camera-credentials.ts";

/** How long a command may be on its way. Milliseconds. */
const commandLife = 30_000;

/** Tells a device what it ought to be, if it is connected and does not know yet. One that is away is told when it comes. */
export async function tellDesired(env: Env, db: OrganisationDb, id: DeviceId): Promise<void> {
  const [node, found] = await Promise.all([nodeOf(db, id), configurationOf(db, id)]);
  const desired = found && desiredOf(found);
  if (!node || !desired) return;
  await saveSent(db, [{ deviceId: id, ...desired }]);
  const message = await withCredentials(env, id, desired, found.sealedCredentials);
  await env.DEVICE_LINK.getByName(node).tell({ type: "desired", deviceId: id, desired: message });
}

/**
 * Asks a device to do something. How that went is in the database, at once where the device is not connected.
 * @param ofRollout under which id a rollout waits for the answer; without it a person asks, which the audit keeps
 */
export async function askDevice(
  env: Env,
  db: OrganisationDb,
  id: DeviceId,
  command: DeviceCommand,
  by: Author,
  now: number,
  ofRollout?: CommandId,
): Promise<{ commandId: CommandId; state: "sent" | "offline" }> {
  const own = ofRollout ?? commandId.parse(crypto.randomUUID());
  const expiresAt = now + commandLife;
  const asked = { commandId: own, deviceId: id, command, askedAt: new Date(now), expiresAt: new Date(expiresAt) };
  await saveCommand(db, asked, { userId: by.userId, name: by.name }, ofRollout ? "rollout" : "person");
  const node = await nodeOf(db, id);
  const link = node === undefined ? undefined : env.DEVICE_LINK.getByName(node);
  const sent = await link?.tell({ type: "command", deviceId: id, commandId: own, command, expiresAt });
  if (!sent) await saveOutcome(db, own, { result: "offline" }, new Date(now));
  return { commandId: own, state: sent ? "sent" : "offline" };
}
