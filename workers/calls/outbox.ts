/**
 * What a durable object still has to do elsewhere, kept in its own storage: stored in the same turn as the state it
 * follows from, delivered at least once, in order within a lane, tried again with back-off. An item is deleted only
 * after its delivery returned, so receivers must take the same item twice.
 */
import { log, reasonOf } from "../log.ts";
import { count, hold } from "../metrics.ts";

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
  readonly #owner: string;
  readonly #deliver: (item: Item, id: number) => Promise<void>;
  readonly #ahead = new Map<number, Promise<void>>();
  readonly #busy = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  /** Whether its table is there. Made with the first item only: what an object writes, everything it says has to wait for. */
  #made: boolean;

  /** @param deliver throws to be tried again; `id` grows, also across evictions, and is the same at each try */
  constructor(ctx: DurableObjectState, deliver: (item: Item, id: number) => Promise<void>) {
    this.#sql = ctx.storage.sql;
    this.#owner = ctx.id.toString();
    this.#deliver = deliver;
    this.#made = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").toArray().length > 0;
  }

  /** Makes its table where it is not there. */
  make(): void {
    if (this.#made) return;
    this.#sql.exec(
      "CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, item TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL)",
    );
    this.#made = true;
  }

  /** The object's storage was deleted, the table with it. */
  gone(): void {
    this.#made = false;
  }

  /** @param ahead its first delivery, where that began before it was stored */
  add(lane: string, item: Item, ahead?: Promise<void>): void {
    this.make();
    const values = [lane, JSON.stringify(item), Date.now()] as const;
    const sql = "INSERT INTO outbox (lane, item, due) VALUES (?, ?, ?) RETURNING id";
    const { id } = this.#sql.exec<{ id: number }>(sql, ...values).one();
    if (ahead) this.#ahead.set(id, ahead);
  }

  /** Delivers what is due, every lane in its order, the lanes side by side. Never throws. */
  async pump(): Promise<void> {
    if (!this.#made) return;
    const lanes = this.#sql.exec<{ lane: string }>("SELECT DISTINCT lane FROM outbox").toArray();
    await Promise.all(lanes.filter(({ lane }) => !this.#busy.has(lane)).map(({ lane }) => this.#start(lane)));
    hold("outbox_waiting", this.#owner, this.#size());
  }

  /** Delivers what is due and all that comes to it meanwhile. Never throws. */
  async idle(): Promise<void> {
    await this.pump();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #start(lane: string): Promise<void> {
    const running = this.#pumpLane(lane).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  async #pumpLane(lane: string): Promise<void> {
    this.#busy.add(lane);
    try {
      for (let row = this.#head(lane); row && row.due <= Date.now(); row = this.#head(lane)) {
        try {
          await (this.#ahead.get(row.id) ?? this.#deliver(JSON.parse(row.item) as Item, row.id));
          this.#sql.exec("DELETE FROM outbox WHERE id = ?", row.id);
        } catch (error) {
          const pause = Math.min(longestPause, 100 * 2 ** row.attempts);
          count("deliveries_failed_total");
          log("delivery failed", { lane, attempts: row.attempts + 1, pause, reason: reasonOf(error) });
          this.#sql.exec("UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?", Date.now() + pause, row.id);
          return;
        } finally {
          this.#ahead.delete(row.id);
        }
      }
    } finally {
      this.#busy.delete(lane);
    }
  }

  #size(): number {
    return this.#made ? this.#sql.exec<{ size: number }>("SELECT COUNT(*) AS size FROM outbox").one().size : 0;
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
    if (!this.#made) return undefined;
    const now = Date.now();
    const [row] = this.#sql
      .exec<{ due: number | null }>("SELECT MIN(due) AS due FROM (SELECT lane, due, MIN(id) FROM outbox GROUP BY lane)")
      .toArray();
    if (row?.due == null) return undefined;
    if (row.due > now) return row.due;
    return Number.isFinite(guard) ? now + guard : undefined;
  }

  get isEmpty(): boolean {
    return this.#size() === 0;
  }
}
