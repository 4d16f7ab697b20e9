/** What leaves the switchboard by its outbox, and where it goes. */
import type { SessionEvent } from "#core/call/state.ts";
import type { CallId, UserId } from "#core/messages/values.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import type { CallDirectory, DoorCommandLine } from "./directory.ts";

/** A word to a call, a person whom a call is to look at again, or a line for the audit of the doors. */
export type Leaving =
  | { callId: CallId; event: SessionEvent }
  | { callId: CallId; accessOf: UserId }
  | { line: DoorCommandLine };

/** Lines of the audit keep their order, and wait for no call. */
export const auditLane = "audit";

/** Throws to be tried again. */
export async function carryOut(env: Env, directory: CallDirectory, item: Leaving): Promise<void> {
  if ("line" in item) return audit(directory, item.line);
  const session = env.CALL_SESSION.getByName(item.callId);
  if ("accessOf" in item) await session.accessChanged(item.accessOf);
  else if (item.event.type === "placed") await session.begin(item.event);
  else await session.happened(item.event);
}

async function audit(directory: CallDirectory, line: DoorCommandLine): Promise<void> {
  const kept = await directory.saveDoorCommand(line);
  if (!kept) log("door command not audited: no such door", { deviceId: line.deviceId, commandId: line.commandId });
}
