/** The moment a share ends, as a field for date and time holds it: where the person is, to the minute. Pure. */

const two = (value: number) => String(value).padStart(2, "0");

/** 2026-12-01T18:00 @param at milliseconds */
export function toField(at: number): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Milliseconds; undefined for a field that is not filled. */
export function fromField(value: string): number | undefined {
  const at = new Date(value).getTime();
  return Number.isNaN(at) ? undefined : at;
}

/** In a week, when the day's work ends. */
export function aWeekFrom(now: number): number {
  const date = new Date(now);
  date.setDate(date.getDate() + 7);
  return date.setHours(18, 0, 0, 0);
}
