/** What the supervisor and a monitoring system ask, on loopback: `/health` and `/metrics` (Prometheus text format 0.0.4). */
import { createServer, type Server } from "node:http";
import type { LiveCall } from "./call.ts";

export type HealthParts = {
  port: number;
  edgeIsUp(): boolean;
  messagesWaiting(): number;
  registrations(): number;
  liveCalls(): readonly LiveCall[];
  callsTotal(): number;
  portsFree(): number;
  spansDropped(): number;
};

const counters = ["received", "sent", "refused", "lost"] as const;

/** The metrics as text. Packets are those of the calls that live now. */
export function metricsText(parts: Omit<HealthParts, "port">): string {
  const calls = parts.liveCalls();
  const lines: string[] = [];
  const metric = (
    name: string,
    kind: "gauge" | "counter",
    help: string,
    values: readonly [labels: string, value: number][],
  ) => {
    lines.push(`# HELP symphony_gateway_${name} ${help}`, `# TYPE symphony_gateway_${name} ${kind}`);
    for (const [labels, value] of values) lines.push(`symphony_gateway_${name}${labels} ${value}`);
  };
  metric("edge_link_up", "gauge", "1 while the edge is linked", [["", parts.edgeIsUp() ? 1 : 0]]);
  metric("edge_messages_waiting", "gauge", "Messages the edge has not acknowledged", [["", parts.messagesWaiting()]]);
  metric("registrations", "gauge", "Devices registered", [["", parts.registrations()]]);
  const inPhase = (phase: LiveCall["phase"]) => calls.filter((call) => call.phase === phase).length;
  metric("live_calls", "gauge", "Calls by phase", [
    ['{phase="ringing"}', inPhase("ringing")],
    ['{phase="talking"}', inPhase("talking")],
  ]);
  metric("calls_total", "counter", "Calls since the start", [["", parts.callsTotal()]]);
  metric("media_port_pairs_free", "gauge", "UDP port pairs left for stations", [["", parts.portsFree()]]);
  metric("spans_dropped_total", "counter", "Spans that no collector took", [["", parts.spansDropped()]]);
  const all = calls.flatMap((call) => call.stats() ?? []);
  metric(
    "live_packets",
    "gauge",
    "RTP packets of the stations in the calls that live now",
    (["audio", "video"] as const).flatMap((kind) =>
      counters.map((what): [string, number] => [
        `{kind="${kind}",what="${what}"}`,
        all.reduce((sum, stats) => sum + stats[kind][what], 0),
      ]),
    ),
  );
  return `${lines.join("\n")}\n`;
}

/** Serves until closed. Rejects where the port is taken. */
export function serveHealth(parts: HealthParts): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === "/health") {
      const up = parts.edgeIsUp();
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          status: up ? "ok" : "degraded",
          edge: up ? "up" : "down",
          registrations: parts.registrations(),
          liveCalls: parts.liveCalls().length,
        }),
      );
    } else if (request.url === "/metrics") {
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
      response.end(metricsText(parts));
    } else {
      response.writeHead(404, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ type: "about:blank", title: "Not found", status: 404 }));
    }
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(parts.port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}
