/** What the calls ask of the database: who belongs to a door, and keeping what remains of a call. */

import type { Member } from "#core/call/plan.ts";
import type { CallRecord } from "#core/call/record.ts";
import type { DoorContext } from "#core/call/state.ts";
import type { DeviceId, OrganisationId } from "#core/messages/values.ts";
import type { Env } from "../env.ts";

/** A door with everything a press needs, by one query. */
export interface CallContext {
  organisationId: OrganisationId;
  deviceId: DeviceId;
  door: string;
  site: string;
  buttons: { key: string; label: string }[];
  output?: { number: number; name: string; pulse: number };
  members: Member[];
}

export interface CallDirectory {
  /** Nothing for a device that belongs to no organisation. Throws when the database does not answer. */
  callContext(deviceId: DeviceId): Promise<CallContext | undefined>;
  /** May be called twice with the same record. */
  saveCall(record: CallRecord): Promise<void>;
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

export function databaseDirectory(_env: Env): CallDirectory {
  throw new Error("the call queries are not there yet");
}
