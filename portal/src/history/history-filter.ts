import { type CallOutcome, callOutcome } from "#core/call/record.ts";
import type { CallFilter } from "../api/queries.ts";

export const outcomes = callOutcome.options;
/** How far back, in days. */
const days = { day: 1, week: 7, month: 30 } as const;
export const spans = ["day", "week", "month"] as const;

/** What the address of the history says. */
export interface HistorySearch {
  show?: "missed" | "opened";
  search?: string;
  last?: (typeof spans)[number];
  site?: string;
  outcome?: CallOutcome;
  /** Who answered: their id. */
  by?: string;
}

/** What is asked for. "Missed" above goes before another outcome. */
export const filterOf = ({ show, by, outcome, last, ...search }: HistorySearch): CallFilter => ({
  ...search,
  ...(last ? { days: days[last] } : {}),
  ...(show === "missed" ? { outcome: "missed" } : outcome ? { outcome } : {}),
  ...(show === "opened" ? { opened: true } : {}),
  ...(by ? { answeredBy: by } : {}),
});
