/** A database double: doors put in by the test, records kept as they were saved. */
import type { CallRecord } from "#core/call/record.ts";
import type { DeviceId } from "#core/messages/values.ts";
import type { CallContext, CallDirectory, DoorCommandLine } from "../directory.ts";

export const doors = new Map<DeviceId, CallContext>();
/** The newest record of each call, as an upsert leaves it. */
export const records = new Map<string, CallRecord>();
/** Every saving of a record, also of those that had no place. */
export const saved: string[] = [];
/** Lines of the audit, in the order in which they were saved. */
export const audited: DoorCommandLine[] = [];
/** Calls whose picture was noted. */
export const pictured = new Set<string>();
/** Set to make the next questions fail. */
export const trouble = { lookups: 0, saves: 0 };

const belongs = ({ deviceId, organisationId }: { deviceId: DeviceId; organisationId: string }) =>
  doors.get(deviceId)?.organisationId === organisationId;

export const directory: CallDirectory = {
  async callContext(deviceId) {
    if (trouble.lookups-- > 0) throw new Error("the database does not answer");
    return doors.get(deviceId);
  },
  async registered() {},
  async saveSnapshot(callId) {
    pictured.add(callId);
    return true;
  },
  async saveCall(record) {
    if (trouble.saves-- > 0) throw new Error("the database does not answer");
    saved.push(record.callId);
    if (!belongs(record)) return false;
    records.set(record.callId, record);
    return true;
  },
  async saveDoorCommand(line) {
    if (trouble.saves-- > 0) throw new Error("the database does not answer");
    audited.push(line);
    return belongs(line);
  },
};
