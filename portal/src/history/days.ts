import type { CallSummary } from "#core/messages/portal-api.ts";
import { sameDay } from "../i18n/format.ts";

export interface DayOfCalls {
  /** A moment in that day. */
  day: number;
  relative?: "today" | "yesterday";
  calls: CallSummary[];
}

/** Calls under the day they began, in the order they come. Days are those of where the person is. */
export function groupByDay(calls: readonly CallSummary[], now: number): DayOfCalls[] {
  const before = new Date(now);
  before.setDate(before.getDate() - 1);
  const groups: DayOfCalls[] = [];
  for (const call of calls) {
    const last = groups.at(-1);
    if (last && sameDay(last.day, call.startedAt)) {
      last.calls.push(call);
    } else {
      const today = sameDay(call.startedAt, now);
      const yesterday = sameDay(call.startedAt, before.getTime());
      groups.push({
        day: call.startedAt,
        relative: today ? "today" : yesterday ? "yesterday" : undefined,
        calls: [call],
      });
    }
  }
  return groups;
}
