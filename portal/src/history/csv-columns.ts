/** The columns of the history's file. */
import type { CallSummary } from "#core/messages/portal-api.ts";
import type { CsvColumn } from "../design/csv.ts";

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
): CsvColumn<CallSummary>[] {
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
