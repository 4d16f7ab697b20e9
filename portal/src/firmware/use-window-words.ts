/** Maintenance windows in words: "Every day, 02:00 – 05:00". */
import { useTranslation } from "react-i18next";
import type { MaintenanceWindow } from "#core/schedule/maintenance-window.ts";
import { useFormat } from "../i18n/format.ts";

const minutesOfDay = 24 * 60;
const two = (value: number) => String(value).padStart(2, "0");

/** `02:00`, as a field for a time takes it. @param minute after midnight */
export const clockOf = (minute: number): string => `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;

/** Minutes after midnight; undefined for anything that is no time. */
export function minuteOf(clock: string): number | undefined {
  const found = /^([01]\d|2[0-3]):([0-5]\d)/.exec(clock);
  return found ? Number(found[1]) * 60 + Number(found[2]) : undefined;
}

/** Minutes from one time of day to the next time it is the other; the same time is a whole day. */
export const lengthOf = (from: number, until: number): number => ((until - from + minutesOfDay - 1) % minutesOfDay) + 1;

export function useWindowWords(): (windows: readonly MaintenanceWindow[]) => string {
  const { t } = useTranslation("firmware");
  const format = useFormat();
  return (windows) => {
    if (windows.length === 0) return t("window.always");
    return windows
      .map(({ days, from, length }) => {
        const times = { from: clockOf(from), until: clockOf(from + length) };
        if (days.length === 7) return t("window.daily", times);
        return t("window.on", { ...times, days: days.toSorted().map(format.weekday).join(", ") });
      })
      .join(" · ");
  };
}
