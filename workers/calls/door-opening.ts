/** Opening a door: each command once, by whoever may and gets to the door, through the node where it is registered. */
import { type Opener, openerOf } from "#core/access/door-openers.ts";
import { may } from "#core/access/permissions.ts";
import { doorCommandLife } from "#core/call/limits.ts";
import type { FromClient } from "#core/messages/client.ts";
import type { Role } from "#core/messages/portal-api.ts";
import type { DeviceId, OrganisationId } from "#core/messages/values.ts";
import type { Env } from "../env.ts";
import { log, reasonOf } from "../log.ts";
import type { CallDirectory } from "./directory.ts";
import type { DoorBoard } from "./door-board.ts";
import type { DoorCommandMessage, DoorCommands } from "./door-commands.ts";
import { type Attached, send } from "./sockets.ts";

/** What of the switchboard opening a door, and calling a station, need. */
export interface DoorDesk {
  doors: DoorBoard;
  commands: DoorCommands;
  nodes: Env["MEDIA_NODE_LINK"];
  organisation(): OrganisationId;
  directory(): CallDirectory;
  mayReach(about: Attached, deviceId: DeviceId): boolean;
  /** Tells everyone concerned how the command stands, if that is news. */
  tell(command: DoorCommandMessage | undefined): Promise<void>;
}

/** One command, fired once: what comes again under its id is answered with how it stands. */
export async function openDoor(
  desk: DoorDesk,
  socket: WebSocket,
  about: Attached,
  { commandId, deviceId, output }: Extract<FromClient, { type: "open-door" }>,
): Promise<void> {
  const { doors, commands } = desk;
  const now = Date.now();
  const expiresAt = now + doorCommandLife;
  const call = doors.callAt(deviceId);
  const { userId, name: by } = about;
  const taken = { commandId, deviceId, output, userId, by, ...(call ? { callId: call.callId } : {}) };
  if (!commands.take(taken, now, expiresAt)) {
    const known = commands.get(commandId);
    if (known?.userId === userId) send(socket, known);
    return;
  }
  const finish = (state: "failed" | "refused", reason: "offline" | "not-allowed" | "no-output") =>
    desk.tell(commands.report(commandId, state, reason, Date.now()));
  const nodeId = doors.nodeOf(deviceId);
  if (!doors.knows(deviceId) || !may(about.role, "open-door") || !desk.mayReach(about, deviceId))
    return finish("refused", "not-allowed");
  if (!nodeId) return finish("failed", "offline");
  const found = await allowed(desk, deviceId, about, output, call?.openers ?? []);
  if (found === "not-allowed" || found === "no-output") return finish("refused", found);
  await desk.tell(commands.get(commandId));
  const sent = await desk.nodes
    .getByName(nodeId)
    .command({ type: "command", commandId, deviceId, output: found.output, pulse: found.pulse, expiresAt })
    .catch(() => false);
  log("door command", { callId: call?.callId, deviceId, commandId, sent });
  if (!sent) await finish("failed", "offline");
}

/** The opener as it is configured now; if the database does not answer, as the door's call found it. */
async function allowed(
  desk: DoorDesk,
  deviceId: DeviceId,
  { userId, role }: Attached,
  output: number | undefined,
  ofCall: Opener[],
): Promise<Opener | "not-allowed" | "no-output"> {
  const chosen = (openers: Opener[], role: Role) =>
    openers.length === 0 ? "no-output" : (openerOf(openers, { userId, role }, output) ?? "not-allowed");
  try {
    const context = await desk.directory().callContext(deviceId);
    const member = context?.members.find((one) => one.userId === userId);
    if (context?.organisationId !== desk.organisation() || !member) return "not-allowed";
    return chosen(context.openers, member.role);
  } catch (error) {
    log("door lookup failed", { deviceId, reason: reasonOf(error) });
    return chosen(ofCall, role);
  }
}
