/**
 * Which doors people get to whose role does not reach every one. Written when a socket of theirs opens and when a door
 * registers; whatever takes a door away closes their sockets, so that they open anew. What was looked up before a change
 * and arrives after it counts no more.
 */
import type { DeviceId, UserId } from "#core/messages/values.ts";

/** Nothing is under way for longer. Milliseconds. */
const longestWay = 60_000;

export class DoorReach {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS reach (user_id TEXT NOT NULL, device_id TEXT NOT NULL, PRIMARY KEY (user_id, device_id)) WITHOUT ROWID",
    );
    sql.exec("CREATE TABLE IF NOT EXISTS changed (user_id TEXT PRIMARY KEY, at INTEGER NOT NULL)");
  }

  /** What this person may do is another from now on. */
  changed(userId: UserId, now: number): void {
    this.#sql.exec("DELETE FROM changed WHERE at < ?", now - longestWay);
    this.#sql.exec("INSERT OR REPLACE INTO changed VALUES (?, ?)", userId, now);
  }

  /** Whether what was looked up at that moment may be out of date. */
  isStale(userId: UserId, lookedUpAt: number): boolean {
    return (
      this.#sql.exec("SELECT 1 FROM changed WHERE user_id = ? AND at >= ?", userId, lookedUpAt).toArray().length > 0
    );
  }

  set(userId: UserId, doors: DeviceId[]): void {
    this.#sql.exec("DELETE FROM reach WHERE user_id = ?", userId);
    for (const deviceId of doors) this.add(userId, deviceId);
  }

  add(userId: UserId, deviceId: DeviceId): void {
    this.#sql.exec("INSERT OR IGNORE INTO reach VALUES (?, ?)", userId, deviceId);
  }

  has(userId: UserId, deviceId: DeviceId): boolean {
    return (
      this.#sql.exec("SELECT 1 FROM reach WHERE user_id = ? AND device_id = ?", userId, deviceId).toArray().length > 0
    );
  }
}
