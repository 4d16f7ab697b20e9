/**
 * What a durable object still has to do elsewhere, kept in its own storage: stored in the same turn as the state it
 * follows from, delivered at least once, in order within a lane, tried again with back-off. An item is deleted only
 * after its delivery returned, so receivers must take the same item twice.
 */
import { log, reasonOf } from "../log.ts";

interface Row extends Record<string, SqlStorageValue> {
  id: number;
  lane: string;
  item: string;
  attempts: number;
  due: number;
}

const longestPause = 30_000;

export class Outbox<Item> {
  readonly #sql: SqlStorage;
  readonly #deliver: (item: Item, id: number) => Promise<void>;
  readonly #busy = new Set<string>();

  /** @param deliver throws to be tried again; `id` grows, also across evictions, and is the same at each try */
  constructor(ctx: DurableObjectState, deliver: (item: Item, id: number) => Promise<void>) {
    this.#sql = ctx.storage.sql;
    this.#deliver = deliver;
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, item TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL)",
    );
  }

  add(lane: string, item: Item): void {
    this.#sql.exec("INSERT INTO outbox (lane, item, due) VALUES (?, ?, ?)", lane, JSON.stringify(item), Date.now());
  }

  /** Delivers what is due, every lane in its order, the lanes side by side. Never throws. */
  async pump(): Promise<void> {
    const lanes = this.#sql.exec<{ lane: string }>("SELECT DISTINCT lane FROM outbox").toArray();
    await Promise.all(lanes.filter(({ lane }) => !this.#busy.has(lane)).map(({ lane }) => this.#pumpLane(lane)));
  }

  async #pumpLane(lane: string): Promise<void> {
    this.#busy.add(lane);
    try {
      for (let row = this.#head(lane); row && row.due <= Date.now(); row = this.#head(lane)) {
        try {
          await this.#deliver(JSON.parse(row.item) as Item, row.id);
          this.#sql.exec("DELETE FROM outbox WHERE id = ?", row.id);
        } catch (error) {
          const pause = Math.min(longestPause, 100 * 2 ** row.attempts);
          log("delivery failed", { lane, attempts: row.attempts + 1, pause, reason: reasonOf(error) });
          this.#sql.exec("UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?", Date.now() + pause, row.id);
          return;
        }
      }
    } finally {
      this.#busy.delete(lane);
    }
  }

  #head(lane: string): Row | undefined {
    return this.#sql.exec<Row>("SELECT * FROM outbox WHERE lane = ? ORDER BY id LIMIT 1", lane).toArray()[0];
  }

  /**
   * When the object must wake up for what waits here, or nothing.
   * @param guard how long what is under way may take before it is looked at again: the object may have stopped meanwhile.
   * Not needed where something else wakes the object then.
   */
  wakeAt(guard = Number.POSITIVE_INFINITY): number | undefined {
    const now = Date.now();
    const [row] = this.#sql
      .exec<{ due: number | null }>("SELECT MIN(due) AS due FROM (SELECT lane, due, MIN(id) FROM outbox GROUP BY lane)")
      .toArray();
    if (row?.due == null) return undefined;
    if (row.due > now) return row.due;
    return Number.isFinite(guard) ? now + guard : undefined;
  }

  get isEmpty(): boolean {
    return this.#sql.exec("SELECT 1 FROM outbox LIMIT 1").toArray().length === 0;
  }
}
