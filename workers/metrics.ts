/**
 * What this instance of the edge has counted since it started and holds now. Under Miniflare there is one instance, and
 * so this is all there is; objects that sleep are not waked up for it, what they hold was told when they last woke.
 */
import { type Family, metricsText, metricsType } from "#core/metrics/prometheus.ts";
import type { Env } from "./env.ts";
import { isMediaNode } from "./http/bearer.ts";
import { problem } from "./http/problem.ts";

const counters = {
  calls_total: "Calls begun, by who began them",
  calls_ended_total: "Calls ended, by reason",
  legs_total: "Receivers of the calls that ended, by fate",
  mails_refused_total: "Mails about devices that were not taken, and are sent again",
  mails_given_up_total: "Mails about devices that nobody took for a day",
  deliveries_failed_total: "Deliveries between objects that will be tried again",
} as const;
const gauges = {
  live_calls: "Calls that have not ended",
  clients: "Clients connected",
  registrations: "Devices registered at linked media nodes",
  outbox_waiting: "Messages between objects that have not arrived yet",
} as const;

type Labels = Readonly<Record<string, string>>;

const counted = new Map<keyof typeof counters, Map<string, { labels: Labels; value: number }>>();
/** By who holds them, so that each may say its number anew; those who hold nothing are forgotten. */
const held = new Map<keyof typeof gauges, Map<string, number>>();

export function count(name: keyof typeof counters, labels: Labels = {}): void {
  const family = counted.get(name) ?? new Map<string, { labels: Labels; value: number }>();
  counted.set(name, family);
  const key = JSON.stringify(labels);
  family.set(key, { labels, value: (family.get(key)?.value ?? 0) + 1 });
}

/** @param holder who holds so many now */
export function hold(name: keyof typeof gauges, holder: string, value: number): void {
  const family = held.get(name) ?? new Map<string, number>();
  held.set(name, family);
  if (value === 0) family.delete(holder);
  else family.set(holder, value);
}

/** GET /metrics, with the media nodes' bearer token: how much goes on here is nobody else's business. */
export async function answerMetrics(env: Env, request: Request): Promise<Response> {
  if (!(await isMediaNode(env, request))) return problem(401, "bad-token", "This is not for you.");
  return new Response(metricsText(families()), { headers: { "content-type": metricsType } });
}

function families(): Family[] {
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  return [
    ...keysOf(counters).map((name) => {
      const values = [...(counted.get(name)?.values() ?? [])].map(({ labels, value }) => [labels, value] as const);
      return { name: `symphony_edge_${name}`, kind: "counter" as const, help: counters[name], values };
    }),
    ...keysOf(gauges).map((name) => {
      const values = [[{}, sum(held.get(name)?.values() ?? [])] as const];
      return { name: `symphony_edge_${name}`, kind: "gauge" as const, help: gauges[name], values };
    }),
  ];
}

function keysOf<K extends string>(record: Readonly<Record<K, string>>): K[] {
  return Object.keys(record).filter((key): key is K => key in record);
}
