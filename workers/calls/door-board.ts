/** What an organisation's switchboard remembers of its doors: registered where, contact, and the call it is in. */
import { z } from "zod";
import { type Opener, opener } from "#core/access/door-openers.ts";
import { ringTime, talkLimit } from "#core/call/limits.ts";
import { type DoorState, doorState } from "#core/messages/client.ts";
import type { CallId, DeviceId, DoorContact } from "#core/messages/values.ts";
import type { DoorCall } from "./effects.ts";

interface DoorRow extends Record<string, SqlStorageValue> {
  device_id: string;
  node_id: string;
  online: number;
  since: number;
  contact: string;
}

interface CallRow extends Record<string, SqlStorageValue> {
  call_id: string;
  device_id: string;
  phase: string;
  with_name: string | null;
  since: number;
  /** Its openers, as JSON. */
  output: string | null;
}

export interface LiveCall {
  callId: CallId;
  openers: Opener[];
}

/** What a version before this one kept names one output, and not who may open by it. */
const kept = z.array(opener).catch([]);

/** No call lasts longer than this, whatever messages were lost. */
const longestCall = ringTime + talkLimit + 60_000;

export class DoorBoard {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS doors (device_id TEXT PRIMARY KEY, node_id TEXT NOT NULL, online INTEGER NOT NULL, since INTEGER NOT NULL, contact TEXT NOT NULL)",
    );
    sql.exec(
      "CREATE TABLE IF NOT EXISTS calls (call_id TEXT PRIMARY KEY, device_id TEXT NOT NULL, phase TEXT NOT NULL, with_name TEXT, since INTEGER NOT NULL, output TEXT)",
    );
  }

  /** @returns the door as it is now, or nothing if nothing changed */
  setOnline(deviceId: DeviceId, nodeId: string, online: boolean, at: number): DoorState | undefined {
    const before = this.#door(deviceId);
    // A node that a device has left must not take it offline, and a door that is here no more does not come back by that.
    if (!online && before?.node_id !== nodeId) return undefined;
    const changed = !before || before.online !== Number(online);
    this.#sql.exec(
      "INSERT INTO doors VALUES (?1, ?2, ?3, ?4, 'none') ON CONFLICT (device_id) DO UPDATE SET node_id = ?2, online = ?3, since = ?4",
      deviceId,
      nodeId,
      Number(online),
      changed ? at : before.since,
    );
    return changed ? this.state(deviceId) : undefined;
  }

  setContact(deviceId: DeviceId, contact: DoorContact): DoorState | undefined {
    if (this.#door(deviceId)?.contact === contact) return undefined;
    this.#sql.exec("UPDATE doors SET contact = ? WHERE device_id = ?", contact, deviceId);
    return this.state(deviceId);
  }

  /** @returns the door as it is now, or nothing if nothing changed */
  setCall(callId: CallId, call: DoorCall): DoorState | undefined {
    const before = JSON.stringify(this.state(call.deviceId));
    if (call.phase) {
      this.#sql.exec(
        "INSERT OR REPLACE INTO calls VALUES (?, ?, ?, ?, ?, ?)",
        callId,
        call.deviceId,
        call.phase,
        call.with ?? null,
        call.since,
        JSON.stringify(call.openers),
      );
    } else {
      this.#sql.exec("DELETE FROM calls WHERE call_id = ?", callId);
    }
    const now = this.state(call.deviceId);
    return JSON.stringify(now) === before ? undefined : now;
  }

  /** The door is here no more. @returns the calls it was in */
  forget(deviceId: DeviceId): Set<CallId> {
    this.#sql.exec("DELETE FROM doors WHERE device_id = ?", deviceId);
    const calls = this.#sql.exec<CallRow>("DELETE FROM calls WHERE device_id = ? RETURNING *", deviceId).toArray();
    return new Set(calls.map(({ call_id }) => call_id as CallId));
  }

  /** The node at which a registered device can be reached. */
  nodeOf(deviceId: DeviceId): string | undefined {
    const door = this.#door(deviceId);
    return door?.online ? door.node_id : undefined;
  }

  knows(deviceId: DeviceId): boolean {
    return this.#door(deviceId) !== undefined;
  }

  callAt(deviceId: DeviceId): LiveCall | undefined {
    const row = this.#call(deviceId);
    if (!row) return undefined;
    return { callId: row.call_id as CallId, openers: kept.parse(JSON.parse(row.output ?? "[]")) };
  }

  state(deviceId: DeviceId): DoorState | undefined {
    const door = this.#door(deviceId);
    return door && this.#asState(door);
  }

  states(): DoorState[] {
    return this.#sql
      .exec<DoorRow>("SELECT * FROM doors")
      .toArray()
      .map((door) => this.#asState(door));
  }

  /** Frees doors whose call's end was never told. */
  prune(now: number): DoorState[] {
    const stale = this.#sql.exec<CallRow>("DELETE FROM calls WHERE since < ? RETURNING *", now - longestCall).toArray();
    return stale.flatMap((row) => this.state(row.device_id as DeviceId) ?? []);
  }

  #door(deviceId: DeviceId): DoorRow | undefined {
    return this.#sql.exec<DoorRow>("SELECT * FROM doors WHERE device_id = ?", deviceId).toArray()[0];
  }

  #call(deviceId: string): CallRow | undefined {
    return this.#sql
      .exec<CallRow>("SELECT * FROM calls WHERE device_id = ? ORDER BY phase DESC, since LIMIT 1", deviceId)
      .toArray()[0];
  }

  #asState(door: DoorRow): DoorState {
    const call = this.#call(door.device_id);
    return doorState.parse({
      deviceId: door.device_id,
      online: door.online === 1,
      since: door.since,
      contact: door.contact,
      ...(call
        ? {
            call: {
              callId: call.call_id,
              phase: call.phase,
              since: call.since,
              ...(call.with_name ? { with: call.with_name } : {}),
            },
          }
        : {}),
    });
  }
}
