/** Sends a durable object's spans to an OTLP endpoint over HTTP, behind everything that somebody waits for. */
import { newTracer, type Tracer, tracesUrl } from "#core/trace/tracer.ts";
import type { Env } from "./env.ts";

/** Milliseconds. */
const batchEvery = 500;
const postTime = 5_000;

/** Nothing where no endpoint is set: then nothing is kept. */
export function openTracer(ctx: Pick<DurableObjectState, "waitUntil">, env: Env): Tracer | undefined {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint) return undefined;
  return newTracer({
    service: "edge",
    async post(body) {
      const headers = { "content-type": "application/json" };
      const signal = AbortSignal.timeout(postTime);
      const response = await fetch(tracesUrl(endpoint), { method: "POST", headers, body, signal });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the collector answered ${response.status}`);
    },
    later: (flush) => ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, batchEvery)).then(flush)),
  });
}

/** Eight random octets in hexadecimal. */
export const newSpanId = (): string => crypto.randomUUID().replaceAll("-", "").slice(16);
