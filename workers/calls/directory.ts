/** What the calls ask of the database: who belongs to a door, and keeping what remains of a call. */

import type { CallRecord } from "#core/call/record.ts";
import type { DoorContext } from "#core/call/state.ts";
import type { CallId, DeviceId, OrganisationId } from "#core/messages/values.ts";
import { connectDb } from "#db/client.ts";
import { type CallContext, callContext, saveCall, saveSnapshot } from "#db/queries/calls.ts";
import type { Env } from "../env.ts";

export type { CallContext };

export interface CallDirectory {
  /** Nothing for a device that belongs to no organisation. Throws when the database does not answer. */
  callContext(deviceId: DeviceId): Promise<CallContext | undefined>;
  /** May be called twice with the same record. */
  saveCall(record: CallRecord): Promise<void>;
  /** May be called twice. `takenAt` in milliseconds. */
  saveSnapshot(callId: CallId, organisationId: OrganisationId, takenAt: number): Promise<void>;
}

/** The door as the call remembers it. `button` is the key the station sent. */
export function asDoor(context: CallContext, button: string): DoorContext {
  const pressed = context.buttons.find((known) => known.key === button)?.label ?? button;
  return {
    organisationId: context.organisationId,
    name: context.door,
    site: context.site,
    ...(pressed ? { button: pressed } : {}),
    ...(context.output ? { output: context.output } : {}),
  };
}

export function databaseDirectory(env: Env): CallDirectory {
  const db = connectDb(env);
  return {
    callContext: (deviceId) => callContext(db, deviceId),
    saveCall: (record) => saveCall(db, record),
    saveSnapshot: (callId, organisationId, takenAt) => saveSnapshot(db, callId, organisationId, takenAt),
  };
}
