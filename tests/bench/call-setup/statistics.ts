/** Figures of a run and how they are shown. All in milliseconds. */

/** The value below which that share of the values lies. NaN where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

const shown = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0)).padStart(7);

/** One line of the table. */
export function line(name: string, values: readonly number[]): string {
  const worst = Math.max(...values);
  return `${name.padEnd(58)} ${String(values.length).padStart(4)} ${shown(median(values))} ${shown(quantile(values, 0.95))} ${shown(worst)}`;
}

export const heading = `${"milliseconds".padEnd(58)} ${"n".padStart(4)} ${"median".padStart(7)} ${"p95".padStart(7)} ${"worst".padStart(7)}`;

/** A ratio beside what is expected of it. */
export function verdict(name: string, value: number, most: number, unit = "×"): { text: string; met: boolean } {
  const met = value <= most;
  return { text: `${met ? "✓" : "✗"} ${name}: ${value.toFixed(2)} ${unit} (at most ${most})`, met };
}
