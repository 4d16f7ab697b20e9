/** Commands to doors' outputs: each is taken once, has a life of five seconds, and always ends in a state. */
import type { ToClient } from "#core/messages/client.ts";
import type {
  CallId,
  CommandId,
  DeviceId,
  DoorCommandReason,
  DoorCommandState,
  UserId,
} from "#core/messages/values.ts";

export type DoorCommandMessage = Extract<ToClient, { type: "door-command" }>;

interface Row extends Record<string, SqlStorageValue> {
  command_id: string;
  device_id: string;
  output: number | null;
  call_id: string | null;
  user_id: string;
  name: string;
  state: string;
  reason: string | null;
  at: number;
  reply_until: number;
}

/** A later report overrides an earlier one only upwards: a door that opened after all was opened. */
const rank: Record<DoorCommandState, number> = { refused: 1, sent: 0, failed: 1, confirmed: 2, open: 3, closed: 4 };
/** How long a command is remembered, to be known when it comes again. */
const keep = 60 * 60_000;
/** Beyond the command's life: the reply's way back. */
const replyTime = 1_000;

export class DoorCommands {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS door_commands (command_id TEXT PRIMARY KEY, device_id TEXT NOT NULL, output INTEGER, call_id TEXT, user_id TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, at INTEGER NOT NULL, reply_until INTEGER NOT NULL)",
    );
  }

  /** Takes a command down as `sent`. @returns false if it was taken before */
  take(
    asked: Pick<DoorCommandMessage, "commandId" | "deviceId" | "output" | "callId" | "userId" | "by">,
    now: number,
    expiresAt: number,
  ): boolean {
    const { rowsWritten } = this.#sql.exec(
      "INSERT INTO door_commands VALUES (?, ?, ?, ?, ?, ?, 'sent', NULL, ?, ?) ON CONFLICT DO NOTHING",
      asked.commandId,
      asked.deviceId,
      asked.output ?? null,
      asked.callId ?? null,
      asked.userId,
      asked.by,
      now,
      expiresAt + replyTime,
    );
    return rowsWritten > 0;
  }

  /** @returns the command as it stands, if this was news */
  report(commandId: CommandId, state: DoorCommandState, reason: DoorCommandReason | undefined, at: number) {
    const row = this.#row(commandId);
    if (!row || rank[state] <= rank[row.state as DoorCommandState]) return undefined;
    this.#sql.exec(
      "UPDATE door_commands SET state = ?, reason = ?, at = ? WHERE command_id = ?",
      state,
      reason ?? null,
      at,
      commandId,
    );
    return this.get(commandId);
  }

  get(commandId: CommandId): DoorCommandMessage | undefined {
    const row = this.#row(commandId);
    return row && asMessage(row);
  }

  /** Commands that nobody replied to in time. */
  unanswered(now: number): CommandId[] {
    return this.#sql
      .exec<Row>("SELECT * FROM door_commands WHERE state = 'sent' AND reply_until <= ?", now)
      .toArray()
      .map((row) => row.command_id as CommandId);
  }

  nextDeadline(): number | undefined {
    const [row] = this.#sql
      .exec<{ at: number | null }>("SELECT MIN(reply_until) AS at FROM door_commands WHERE state = 'sent'")
      .toArray();
    return row?.at ?? undefined;
  }

  prune(now: number): void {
    this.#sql.exec("DELETE FROM door_commands WHERE at < ?", now - keep);
  }

  #row(commandId: CommandId): Row | undefined {
    return this.#sql.exec<Row>("SELECT * FROM door_commands WHERE command_id = ?", commandId).toArray()[0];
  }
}

const asMessage = (row: Row): DoorCommandMessage => ({
  type: "door-command",
  commandId: row.command_id as CommandId,
  deviceId: row.device_id as DeviceId,
  ...(row.output === null ? {} : { output: row.output }),
  ...(row.call_id ? { callId: row.call_id as CallId } : {}),
  by: row.name,
  userId: row.user_id as UserId,
  state: row.state as DoorCommandState,
  ...(row.reason ? { reason: row.reason as DoorCommandReason } : {}),
  at: row.at,
});
