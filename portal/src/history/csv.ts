/** The history as a file for a spreadsheet. Pure. */
import type { CallSummary } from "#core/messages/portal-api.ts";

export interface CsvColumn {
  title: string;
  value: (call: CallSummary) => string | number | undefined;
}

/** RFC 4180. Text that a spreadsheet would take for a formula is kept from running: it may come from a visitor's door. */
function cell(value: string | number | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv(calls: readonly CallSummary[], columns: readonly CsvColumn[]): string {
  const lines = [
    columns.map((column) => cell(column.title)),
    ...calls.map((call) => columns.map((one) => cell(one.value(call)))),
  ];
  // The mark lets spreadsheets read the umlauts.
  return `\uFEFF${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

const seconds = (from: number, to: number | undefined) =>
  to === undefined ? undefined : Math.round((to - from) / 1_000);

/** @param title the column's title in the person's language */
export function historyColumns(
  title: (
    name:
      | "started"
      | "door"
      | "site"
      | "direction"
      | "outcome"
      | "reason"
      | "rang"
      | "talked"
      | "answeredBy"
      | "openedBy"
      | "receivers"
      | "id",
  ) => string,
): CsvColumn[] {
  return [
    { title: title("started"), value: (call) => new Date(call.startedAt).toISOString() },
    { title: title("door"), value: (call) => call.door },
    { title: title("site"), value: (call) => call.site },
    { title: title("direction"), value: (call) => call.direction },
    { title: title("outcome"), value: (call) => call.outcome },
    { title: title("reason"), value: (call) => call.reason },
    { title: title("rang"), value: (call) => seconds(call.startedAt, call.answeredAt ?? call.endedAt) },
    { title: title("talked"), value: (call) => (call.answeredAt ? seconds(call.answeredAt, call.endedAt) : undefined) },
    { title: title("answeredBy"), value: (call) => call.answeredBy?.name },
    { title: title("openedBy"), value: (call) => call.openedBy },
    { title: title("receivers"), value: (call) => call.receivers },
    { title: title("id"), value: (call) => call.callId },
  ];
}
