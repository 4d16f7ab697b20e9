/** Dates and times as the person's language writes them. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

const minute = 60_000;
const hour = 60 * minute;

export interface Format {
  /** 09:41 */
  clock(at: number): string;
  /** 09:41:58 */
  clockSeconds(at: number): string;
  /** 24 Nov */
  date(at: number): string;
  /** 24 Nov 2026 */
  longDate(at: number): string;
  /** 24 Nov, 09:41:58 */
  dateClock(at: number): string;
  /** Tuesday 24 November */
  day(at: number): string;
  /** Fri 27 Nov, 02:00; in a time zone of its own where it is named, and then with that zone, if it is not the person's. */
  inZone(at: number, timeZone?: string): string;
  /** Mon. @param day 1 is Monday (ISO 8601) */
  weekday(day: number): string;
  number(value: number): string;
  /** Jonas, Lena and Tom */
  list(words: readonly string[]): string;
  /** 62 % @param share from 0 to 1 */
  percent(share: number): string;
  /** 194.1: a million octets each */
  megabytes(octets: number): string;
}

export function createFormat(language: string): Format {
  // English here is international: day before month, 24 hours.
  const tag = language === "en" ? "en-GB" : language;
  const by = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, options);
  const clock = by({ hour: "2-digit", minute: "2-digit" });
  const clockSeconds = by({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const date = by({ day: "numeric", month: "short" });
  const longDate = by({ day: "numeric", month: "short", year: "numeric" });
  const day = by({ weekday: "long", day: "numeric", month: "long" });
  const weekday = by({ weekday: "short", timeZone: "UTC" });
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const moment = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" } as const;
  const number = new Intl.NumberFormat(tag);
  const list = new Intl.ListFormat(tag);
  const percent = new Intl.NumberFormat(tag, { style: "percent" });
  const tenths = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 });
  return {
    clock: (at) => clock.format(at),
    clockSeconds: (at) => clockSeconds.format(at),
    date: (at) => date.format(at),
    longDate: (at) => longDate.format(at),
    dateClock: (at) => `${date.format(at)}, ${clockSeconds.format(at)}`,
    day: (at) => day.format(at),
    inZone: (at, timeZone = here) =>
      by({ ...moment, timeZone, ...(timeZone === here ? {} : { timeZoneName: "short" }) }).format(at),
    // The first day of 2024 was a Monday.
    weekday: (day) => weekday.format(Date.UTC(2024, 0, day)),
    number: (value) => number.format(value),
    list: (words) => list.format(words),
    percent: (share) => percent.format(share),
    megabytes: (octets) => tenths.format(octets / 1_000_000),
  };
}

export function useFormat(): Format {
  const { i18n } = useTranslation();
  return useMemo(() => createFormat(i18n.language), [i18n.language]);
}

/** How long something lasted: `6 s`, from a minute on `1:52`, from an hour on `1:02:03`. @param duration milliseconds */
export function lasted(duration: number): string {
  const seconds = Math.max(0, Math.round(duration / 1_000));
  return seconds < 60 ? `${seconds} s` : running(seconds * 1_000);
}

/** A time that was chosen, in its largest whole unit: `10 s`, `2 min`, `1 h`. @param duration milliseconds */
export function chosen(duration: number): string {
  if (duration > 0 && duration % hour === 0) return `${duration / hour} h`;
  if (duration > 0 && duration % minute === 0) return `${duration / minute} min`;
  return `${duration / 1_000} s`;
}

/** A clock that runs: `0:06`, `1:12`, `1:02:03`. @param duration milliseconds */
export function running(duration: number): string {
  const seconds = Math.max(0, Math.floor(duration / 1_000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor((seconds * 1_000) / hour);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Whether two moments lie on the same day, where the person is. */
export function sameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}
