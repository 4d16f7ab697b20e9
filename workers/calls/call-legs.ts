/** Which client takes part in which call, so that a closing socket is told to the right calls and a returning one hears again. */
import { ringTime, talkLimit } from "#core/call/limits.ts";
import type { CallId, ClientId, UserId } from "#core/messages/values.ts";

export interface CallLeg {
  callId: CallId;
  clientId: ClientId;
  userId: UserId;
}

interface Row extends Record<string, SqlStorageValue> {
  call_id: string;
  client_id: string;
  user_id: string;
}

const asLeg = (row: Row): CallLeg => ({
  callId: row.call_id as CallId,
  clientId: row.client_id as ClientId,
  userId: row.user_id as UserId,
});

export class CallLegs {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS legs (call_id TEXT, client_id TEXT, user_id TEXT, over INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (call_id, client_id, user_id))",
    );
    // How far each call's deliveries have come: they are delivered at least once, and taken once.
    sql.exec(
      "CREATE TABLE IF NOT EXISTS delivered (call_id TEXT PRIMARY KEY, id INTEGER NOT NULL, at INTEGER NOT NULL)",
    );
  }

  /** @returns false if this delivery, or a later one of the call, was taken before */
  isNew(callId: CallId, id: number, now: number): boolean {
    const { rowsWritten } = this.#sql.exec(
      "INSERT INTO delivered VALUES (?1, ?2, ?3) ON CONFLICT (call_id) DO UPDATE SET id = ?2, at = ?3 WHERE id < ?2",
      callId,
      id,
      now,
    );
    return rowsWritten > 0;
  }

  joined({ callId, clientId, userId }: CallLeg, now: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO legs VALUES (?, ?, ?, 0, ?)", callId, clientId, userId, now);
  }

  /** @param heard whether the client was there to hear that it is over; otherwise it is told when it returns */
  left({ callId, clientId, userId }: CallLeg, heard: boolean): void {
    const which = "WHERE call_id = ? AND client_id = ? AND user_id = ?";
    if (heard) this.#sql.exec(`DELETE FROM legs ${which}`, callId, clientId, userId);
    else this.#sql.exec(`UPDATE legs SET over = 1 ${which}`, callId, clientId, userId);
  }

  /** Every leg of this client, also those that ended while it was away. */
  of(clientId: ClientId, userId: UserId): CallLeg[] {
    return this.#sql
      .exec<Row>("SELECT * FROM legs WHERE client_id = ? AND user_id = ?", clientId, userId)
      .toArray()
      .map(asLeg);
  }

  live(): CallLeg[] {
    return this.#sql.exec<Row>("SELECT * FROM legs WHERE over = 0").toArray().map(asLeg);
  }

  prune(now: number): void {
    const before = now - (ringTime + talkLimit + 60_000);
    this.#sql.exec("DELETE FROM legs WHERE at < ?", before);
    this.#sql.exec("DELETE FROM delivered WHERE at < ?", before);
  }
}
