/** Prometheus' text format, version 0.0.4, which OpenMetrics scrapers read as well. */

export interface Family {
  /** With the part's prefix: `symphony_edge_calls_total`. */
  name: string;
  kind: "gauge" | "counter";
  help: string;
  values: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

export const metricsType = "text/plain; version=0.0.4";

/** One page of metrics. A family without values is named all the same: that it is nothing is known, too. */
export function metricsText(families: readonly Family[]): string {
  const lines = families.flatMap(({ name, kind, help, values }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${kind}`,
    ...values.map(([labels, value]) => `${name}${labelText(labels)} ${value}`),
  ]);
  return `${lines.join("\n")}\n`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

const escaped = (value: string) => value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
