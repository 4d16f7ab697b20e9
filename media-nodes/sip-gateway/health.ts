/** What the supervisor and a monitoring system ask, on loopback: `/health` and `/metrics` (Prometheus text format 0.0.4). */
import { createServer, type Server } from "node:http";
import { type Family, metricsText, metricsType } from "#core/metrics/prometheus.ts";
import type { LiveCall } from "./call.ts";
import { mediaKinds } from "./media/rtp.ts";

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

const inPhase = (calls: readonly LiveCall[], phase: LiveCall["phase"]) =>
  calls.filter((call) => call.phase === phase).length;

/** The metrics as text. Packets are those of the calls that live now. */
export function gatewayMetrics(parts: Omit<HealthParts, "port">): string {
  const calls = parts.liveCalls();
  const stats = calls.flatMap((call) => call.stats() ?? []);
  const packets = mediaKinds.flatMap((kind) =>
    counters.map((what) => [{ kind, what }, stats.reduce((sum, one) => sum + one[kind][what], 0)] as const),
  );
  const phases = (["ringing", "talking"] as const).map((phase) => [{ phase }, inPhase(calls, phase)] as const);
  const one = (name: string, kind: Family["kind"], help: string, value: number): Family => ({
    name: `symphony_gateway_${name}`,
    kind,
    help,
    values: [[{}, value]],
  });
  return metricsText([
    one("edge_link_up", "gauge", "1 while the edge is linked", parts.edgeIsUp() ? 1 : 0),
    one("edge_messages_waiting", "gauge", "Messages the edge has not acknowledged", parts.messagesWaiting()),
    one("registrations", "gauge", "Devices registered", parts.registrations()),
    { name: "symphony_gateway_live_calls", kind: "gauge", help: "Calls by phase", values: phases },
    one("calls_total", "counter", "Calls since the start", parts.callsTotal()),
    one("media_port_pairs_free", "gauge", "UDP port pairs left for stations", parts.portsFree()),
    one("spans_dropped_total", "counter", "Spans that no collector took", parts.spansDropped()),
    {
      name: "symphony_gateway_live_packets",
      kind: "gauge",
      help: "RTP packets of the stations in the calls that live now",
      values: packets,
    },
  ]);
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
      response.writeHead(200, { "content-type": metricsType });
      response.end(gatewayMetrics(parts));
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
