/** Whom to call back. Pure. */
import type { CallSummary } from "#core/messages/portal-api.ts";

const day = 24 * 60 * 60_000;
const mostShown = 6;

/** The newest missed call of each door within a day: who stood there has not waited longer. @param now milliseconds */
export function toCallBack(missed: readonly CallSummary[], now: number): CallSummary[] {
  const seen = new Set<string>();
  return missed
    .filter((call) => call.direction === "from-station" && call.startedAt > now - day)
    .filter((call) => !seen.has(call.deviceId) && seen.add(call.deviceId))
    .slice(0, mostShown);
}
