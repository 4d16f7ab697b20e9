/** What the edge's side of a media node's link keeps: numbers and messages both ways, registrations, and the node's calls. */
import type { ToGateway } from "#core/messages/media-node.ts";
import {
  acknowledge,
  type LinkFrame,
  type NumberedLink,
  newLink,
  number,
  receive,
  resume,
} from "#core/messages/numbered-link.ts";
import type { CallId, DeviceId, OrganisationId } from "#core/messages/values.ts";

export type Queued = Exclude<ToGateway, { type: "welcome" }>;

export interface NodeCall {
  callId: CallId;
  deviceId: DeviceId;
  /** `placed` calls are not yet the gateway's to report: their invite may still be under way. */
  direction: "from-station" | "to-station";
  over: boolean;
}

export interface Registration {
  deviceId: DeviceId;
  organisationId: OrganisationId;
}

const keepCalls = 60 * 60_000;

export class LinkLedger {
  readonly #sql: SqlStorage;
  readonly #kv: SyncKvStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.#kv = storage.kv;
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS taken (call_id TEXT PRIMARY KEY, id INTEGER NOT NULL, at INTEGER NOT NULL)",
    );
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS calls (call_id TEXT PRIMARY KEY, device_id TEXT NOT NULL, direction TEXT NOT NULL, over INTEGER NOT NULL, at INTEGER NOT NULL)",
    );
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS registrations (device_id TEXT PRIMARY KEY, organisation_id TEXT NOT NULL, online INTEGER NOT NULL)",
    );
  }

  // ── numbers ──

  get epoch(): string | undefined {
    return this.#kv.get<string>("epoch");
  }

  /**
   * An epoch that we do not know: a new gateway process, or our own storage is gone. Nothing of an older numbering counts.
   * @param seen the last number that the gateway has of us in its epoch
   */
  beginEpoch(epoch: string, seen: number): void {
    this.#kv.put("epoch", epoch);
    this.#link = newLink(seen);
  }

  /** The last number received in order. */
  get received(): number {
    return this.#link.received;
  }

  /** Whether `receive` will take this number as new. */
  isNext(seq: number): boolean {
    return seq === this.#link.received + 1;
  }

  receive(numbers: { seq: number; ack: number }): "new" | "repeated" | "gap" {
    const { link, verdict } = receive(this.#link, numbers);
    this.#link = link;
    return verdict;
  }

  /** Gives a message its number and keeps it until it is acknowledged. */
  number(body: Queued): LinkFrame<Queued> {
    const { link, frame } = number(this.#link, body);
    this.#link = link;
    return frame;
  }

  acknowledged(ack: number): void {
    this.#link = acknowledge(this.#link, ack);
  }

  /** What a gateway of the known epoch still lacks. */
  resume(seen: number): LinkFrame<Queued>[] {
    const { link, frames, lost } = resume(this.#link, seen);
    // Ours and the gateway's books differ, though the epoch is the same: go on behind what it has.
    this.#link = lost ? { ...newLink<Queued>(seen), received: this.#link.received } : link;
    return frames;
  }

  get #link(): NumberedLink<Queued> {
    return this.#kv.get<NumberedLink<Queued>>("link") ?? newLink();
  }

  set #link(link: NumberedLink<Queued>) {
    this.#kv.put("link", link);
  }

  /** Calls deliver at least once; this says whether it is the first time. */
  isNew(callId: CallId, id: number, now: number): boolean {
    const { rowsWritten } = this.#sql.exec(
      "INSERT INTO taken VALUES (?1, ?2, ?3) ON CONFLICT (call_id) DO UPDATE SET id = ?2, at = ?3 WHERE id < ?2",
      callId,
      id,
      now,
    );
    return rowsWritten > 0;
  }

  // ── calls ──

  callBegan(callId: CallId, deviceId: DeviceId, direction: NodeCall["direction"], now: number): void {
    this.#sql.exec("INSERT INTO calls VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING", callId, deviceId, direction, now);
  }

  callOver(callId: CallId): void {
    this.#sql.exec("UPDATE calls SET over = 1 WHERE call_id = ?", callId);
  }

  calls(): NodeCall[] {
    return this.#sql
      .exec<{ call_id: string; device_id: string; direction: string; over: number }>("SELECT * FROM calls")
      .toArray()
      .map((row) => ({
        callId: row.call_id as CallId,
        deviceId: row.device_id as DeviceId,
        direction: row.direction as NodeCall["direction"],
        over: row.over === 1,
      }));
  }

  prune(now: number): void {
    this.#sql.exec("DELETE FROM calls WHERE at < ?", now - keepCalls);
    this.#sql.exec("DELETE FROM taken WHERE at < ?", now - keepCalls);
  }

  // ── registrations ──

  register({ deviceId, organisationId }: Registration): void {
    this.#sql.exec("INSERT OR REPLACE INTO registrations VALUES (?, ?, 1)", deviceId, organisationId);
  }

  /** Devices registered now. */
  get registered(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM registrations WHERE online = 1").one().n;
  }

  unregister(deviceId: DeviceId): void {
    this.#sql.exec("UPDATE registrations SET online = 0 WHERE device_id = ?", deviceId);
  }

  /** Whose device this is, once it has registered here; also after it left, for its last words. */
  organisationOf(deviceId: DeviceId): OrganisationId | undefined {
    const [row] = this.#sql
      .exec<{ organisation_id: string }>("SELECT organisation_id FROM registrations WHERE device_id = ?", deviceId)
      .toArray();
    return row?.organisation_id as OrganisationId | undefined;
  }

  online(): Registration[] {
    return this.#sql
      .exec<{ device_id: string; organisation_id: string }>("SELECT * FROM registrations WHERE online = 1")
      .toArray()
      .map((row) => ({ deviceId: row.device_id as DeviceId, organisationId: row.organisation_id as OrganisationId }));
  }
}
