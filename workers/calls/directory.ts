/** What the calls ask of the database: who belongs to a door, and keeping what remains of a call. */

import type { CallRecord } from "#core/call/record.ts";
import type { DoorContext } from "#core/call/state.ts";
import type { CallId, DeviceId, OrganisationId } from "#core/messages/values.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import { isOrphan } from "#db/orphan.ts";
import {
  type CallContext,
  callContext,
  type DoorCommandLine,
  saveCall,
  saveDoorCommand,
  saveSnapshot,
} from "#db/queries/calls.ts";
import { noteDeviceSeen } from "#db/queries/devices.ts";
import { progress } from "../claiming/progress.ts";
import type { Env } from "../env.ts";

export type { CallContext, DoorCommandLine };

export interface CallDirectory {
  /** Nothing for a device that belongs to no organisation. Throws when the database does not answer. */
  callContext(deviceId: DeviceId): Promise<CallContext | undefined>;
  /**
   * Each of these may be called twice with the same. False: nothing was kept, since the door or its organisation was
   * removed meanwhile. They throw when the database does not answer.
   */
  saveCall(record: CallRecord): Promise<boolean>;
  saveDoorCommand(line: DoorCommandLine): Promise<boolean>;
  /** The device can be called from now on: a step of its claim, where that is under way. */
  registered(deviceId: DeviceId, organisationId: OrganisationId, at: number): Promise<void>;
  /** `takenAt` in milliseconds. */
  saveSnapshot(callId: CallId, organisationId: OrganisationId, takenAt: number): Promise<boolean>;
}

/** The door as the call remembers it. `button` is the key the station sent. */
export function asDoor(context: CallContext, button: string): DoorContext {
  const pressed = context.buttons.find((known) => known.key === button)?.label ?? button;
  return {
    organisationId: context.organisationId,
    name: context.door,
    site: context.site,
    ...(pressed ? { button: pressed } : {}),
    openers: context.openers,
  };
}

async function isKept(saving: Promise<void>): Promise<boolean> {
  try {
    await saving;
    return true;
  } catch (error) {
    if (isOrphan(error)) return false;
    throw error;
  }
}

export function databaseDirectory(env: Env): CallDirectory {
  const db = connectDb(env);
  return {
    callContext: (deviceId) => callContext(db, deviceId, Date.now()),
    saveCall: (record) => isKept(saveCall(organisationDb(db, record.organisationId), record)),
    saveDoorCommand: (line) => isKept(saveDoorCommand(organisationDb(db, line.organisationId), line)),
    async registered(deviceId, organisationId, at) {
      await noteDeviceSeen(organisationDb(db, organisationId), deviceId, at);
      await progress(env, organisationId, deviceId, "registered", at);
    },
    saveSnapshot: (callId, organisationId, takenAt) =>
      isKept(saveSnapshot(organisationDb(db, organisationId), callId, takenAt)),
  };
}
