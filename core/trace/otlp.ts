/** Spans, and how OTLP/JSON writes them (opentelemetry-proto, `ExportTraceServiceRequest`). */
import type { TraceContext } from "./context.ts";

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Something that took time. Never with a person's name, a secret, or what was said or seen in `attributes`. */
export interface Span {
  context: TraceContext;
  name: string;
  /** The span that it is a part of. Absent for the first of a trace. */
  parentId?: string;
  /** Milliseconds since the Unix epoch, with fractions where the clock has them. */
  startedAt: number;
  endedAt: number;
  attributes?: Attributes;
  /** Why it failed, if it did. */
  error?: string;
}

const internalKind = 1;
const errorStatus = 2;

/** What is POSTed to `/v1/traces`. @param service names the part: `service.name` */
export function traceRequest(service: string, spans: readonly Span[]) {
  return {
    resourceSpans: [
      {
        resource: { attributes: keyValues({ "service.namespace": "symphony", "service.name": service }) },
        scopeSpans: [{ scope: { name: "symphony.call" }, spans: spans.map(otlpSpan) }],
      },
    ],
  };
}

function otlpSpan({ context, name, parentId, startedAt, endedAt, attributes = {}, error }: Span) {
  return {
    ...context,
    ...(parentId ? { parentSpanId: parentId } : {}),
    name,
    kind: internalKind,
    startTimeUnixNano: nanoseconds(startedAt),
    endTimeUnixNano: nanoseconds(Math.max(startedAt, endedAt)),
    attributes: keyValues(attributes),
    ...(error === undefined ? {} : { status: { code: errorStatus, message: error } }),
  };
}

/** As a decimal string: 64 bits do not fit into JSON's numbers (proto3's mapping to JSON). */
const nanoseconds = (milliseconds: number): string => `${Math.round(milliseconds * 1_000)}000`;

function keyValues(attributes: Attributes) {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: string | number | boolean) {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
