/**
 * Cron expressions as Cloudflare takes them (minute, hour, day of month, month, day of week; UTC): Miniflare fires none itself.
 * `*`, `a`, `a-b`, `a,b` and `/n` are understood; days of the week are 1 (Sunday) to 7 or SUN to SAT, months also JAN to DEC.
 */
const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const fields = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: months },
  { min: 1, max: 7, names: weekdays },
] as const satisfies { min: number; max: number; names: readonly string[] }[];

function numberOf(text: string, names: readonly string[]): number {
  const named = names.indexOf(text.toUpperCase());
  return named >= 0 ? named + 1 : Number(text);
}

function matches(field: string, value: number, { min, max, names }: (typeof fields)[number]): boolean {
  return field.split(",").some((part) => {
    const [range = "*", step = "1"] = part.split("/");
    const [first = "", last] = range.split("-");
    const from = range === "*" ? min : numberOf(first, names);
    const until = range === "*" || (last === undefined && part.includes("/")) ? max : numberOf(last ?? first, names);
    const every = Number(step);
    if (![from, until, every].every(Number.isInteger) || from < min || until > max || every < 1) {
      throw new Error(`"${field}" is no cron field`);
    }
    return value >= from && value <= until && (value - from) % every === 0;
  });
}

/** Whether the expression fires in the minute that holds `at` (milliseconds since the epoch). Throws on a malformed one. */
export function cronFires(expression: string, at: number): boolean {
  const time = new Date(at);
  const values = [
    time.getUTCMinutes(),
    time.getUTCHours(),
    time.getUTCDate(),
    time.getUTCMonth() + 1,
    time.getUTCDay() + 1,
  ];
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== fields.length) throw new Error(`"${expression}" has not five fields`);
  return fields.every((field, i) => matches(parts[i] ?? "", values[i] ?? Number.NaN, field));
}
