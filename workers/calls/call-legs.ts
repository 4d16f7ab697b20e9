/** Which client takes part in which call, so that a closing socket is told to the right calls and a returning one hears again. */
import { clientSilence, ringTime, talkLimit } from "#core/call/limits.ts";
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

/** Longer than a dead socket goes unnoticed. */
const keepOver = 2 * clientSilence;

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

  /** Whether this delivery, or a later one of the call, was taken before. */
  isKnown(callId: CallId, id: number): boolean {
    return this.#sql.exec("SELECT 1 FROM delivered WHERE call_id = ? AND id >= ?", callId, id).toArray().length > 0;
  }

  /** This delivery is taken. */
  know(callId: CallId, id: number, now: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO delivered VALUES (?, ?, ?)", callId, id, now);
  }

  joined({ callId, clientId, userId }: CallLeg, now: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO legs VALUES (?, ?, ?, 0, ?)", callId, clientId, userId, now);
  }

  /** Kept for a while: what was sent into a socket that was dying is told again when its client returns. */
  left({ callId, clientId, userId }: CallLeg, now: number): void {
    const which = "WHERE call_id = ? AND client_id = ? AND user_id = ?";
    this.#sql.exec(`UPDATE legs SET over = 1, at = ? ${which}`, now, callId, clientId, userId);
  }

  /** Every leg of this client, also those that ended just now or while it was away. */
  of(clientId: ClientId, userId: UserId, now: number): CallLeg[] {
    const which = "client_id = ? AND user_id = ? AND (over = 0 OR at > ?)";
    return this.#sql
      .exec<Row>(`SELECT * FROM legs WHERE ${which}`, clientId, userId, now - keepOver)
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
