/** Hours of the week in which devices may be disturbed, by the clock on the wall of their site. */
import { z } from "zod";
import { timeZone } from "./time-zone.ts";

const minute = 60_000;
const minutesOfDay = 24 * 60;
const minutesOfWeek = 7 * minutesOfDay;

export const maintenanceWindow = z.strictObject({
  days: z
    .array(z.number().int().min(1).max(7))
    .min(1)
    .max(7)
    .refine((days) => new Set(days).size === days.length, "a day is named once")
    .describe("On which it begins: 1 is Monday, 7 Sunday (ISO 8601)."),
  from: z
    .number()
    .int()
    .min(0)
    .max(minutesOfDay - 1)
    .describe("Minutes after midnight."),
  length: z.number().int().min(30).max(minutesOfDay).describe("Minutes. It may end on the next day."),
});
export type MaintenanceWindow = z.infer<typeof maintenanceWindow>;

/** None of them: at any time. */
export const maintenanceWindows = z.array(maintenanceWindow).max(7);

/** Hours by the clock on one site's wall, as its devices are told them. */
export const siteHours = z.object({
  windows: z.array(maintenanceWindow).min(1).max(7),
  timeZone: timeZone.describe("Of the site: an IANA name."),
});
export type SiteHours = z.infer<typeof siteHours>;

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Minutes since Monday, 00:00, as a clock there shows it. */
function minuteOfWeek(timeZone: string, at: number): number {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat("en", {
      timeZone,
      weekday: "short",
      hour: "numeric",
      minute: "numeric",
      hourCycle: "h23",
    });
  clocks.set(timeZone, clock);
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  return weekdays.indexOf(parts.weekday ?? "") * minutesOfDay + Number(parts.hour) * 60 + Number(parts.minute);
}

/** Minutes from one place in the week to the next time the other comes. */
const ahead = (from: number, to: number): number => (to - from + minutesOfWeek) % minutesOfWeek;

const beginnings = (windows: readonly MaintenanceWindow[]) =>
  windows.flatMap(({ days, from, length }) => days.map((day) => ({ at: (day - 1) * minutesOfDay + from, length })));

/** @param timeZone IANA name; @param at milliseconds */
export function isOpen(windows: readonly MaintenanceWindow[], timeZone: string, at: number): boolean {
  if (windows.length === 0) return true;
  const here = minuteOfWeek(timeZone, at);
  return beginnings(windows).some((one) => ahead(one.at, here) < one.length);
}

/** When it is open next: now, or the beginning of the next window. Milliseconds. */
export function opensNext(windows: readonly MaintenanceWindow[], timeZone: string, now: number): number {
  if (isOpen(windows, timeZone, now)) return now;
  const here = minuteOfWeek(timeZone, now);
  const wait = Math.min(...beginnings(windows).map(({ at }) => ahead(here, at)));
  const then = Math.floor(now / minute) * minute + wait * minute;
  // Where the clock is changed on the way, the wall shows another time by then.
  const off = ahead(minuteOfWeek(timeZone, then), (here + wait) % minutesOfWeek);
  const corrected = then + (off > minutesOfWeek / 2 ? off - minutesOfWeek : off) * minute;
  return isOpen(windows, timeZone, corrected) ? corrected : then;
}
