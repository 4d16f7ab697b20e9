/**
 * Keeps spans for a moment and hands them on in batches. A call never waits for it and never fails with it: what does not
 * fit is counted and dropped, and so is a batch that its receiver does not take.
 */
import { type Span, traceRequest } from "./otlp.ts";

export interface TracerOptions {
  /** The part, e.g. `sip-gateway`. */
  service: string;
  /** Delivers one request's JSON. May reject. */
  post(body: string): Promise<void>;
  /** Asks for `flush` a little later. */
  later(flush: () => Promise<void>): void;
  /** Spans kept at most. @default 1024 */
  most?: number;
}

export interface Tracer {
  span(span: Span): void;
  flush(): Promise<void>;
  /** Spans that were lost since the start. */
  readonly dropped: number;
}

/** A tracer with nothing to hand on. */
export function newTracer({ service, post, later, most = 1024 }: TracerOptions): Tracer {
  let waiting: Span[] = [];
  let asked = false;
  let dropped = 0;

  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = [];
    asked = false;
    if (batch.length === 0) return;
    try {
      await post(JSON.stringify(traceRequest(service, batch)));
    } catch {
      dropped += batch.length;
    }
  }

  return {
    span(span) {
      if (waiting.length >= most) {
        dropped++;
        return;
      }
      waiting.push(span);
      if (asked) return;
      asked = true;
      later(flush);
    },
    flush,
    get dropped() {
      return dropped;
    },
  };
}

/** Where OTLP over HTTP takes spans (OpenTelemetry's exporter specification: the endpoint is a base). */
export const tracesUrl = (endpoint: string): string => `${endpoint.replace(/\/+$/, "")}/v1/traces`;
