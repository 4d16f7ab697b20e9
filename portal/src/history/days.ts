import { sameDay } from "../i18n/format.ts";

export interface Day<Row> {
  /** A moment in that day. */
  day: number;
  relative?: "today" | "yesterday";
  rows: Row[];
}

/** What happened under its day, in the order it comes. Days are those of where the person is. @param at when a row happened, milliseconds */
export function groupByDay<Row>(rows: readonly Row[], at: (row: Row) => number, now: number): Day<Row>[] {
  const before = new Date(now);
  before.setDate(before.getDate() - 1);
  const days: Day<Row>[] = [];
  for (const row of rows) {
    const last = days.at(-1);
    const day = at(row);
    if (last && sameDay(last.day, day)) {
      last.rows.push(row);
    } else {
      const today = sameDay(day, now);
      const yesterday = sameDay(day, before.getTime());
      days.push({ day, relative: today ? "today" : yesterday ? "yesterday" : undefined, rows: [row] });
    }
  }
  return days;
}
