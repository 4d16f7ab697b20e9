/** A receiver of traces as an OpenTelemetry collector is one: OTLP/JSON over HTTP at `/v1/traces`. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

/** What opentelemetry-proto's `ExportTraceServiceRequest` has of it, in its JSON form; nothing else is taken. */
const anyValue = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
  z.strictObject({ doubleValue: z.number() }),
]);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value: anyValue }));
const hex = (digits: number) => z.string().regex(new RegExp(`^(?!0+$)[0-9a-f]{${digits}}$`));
const nanoseconds = z
  .string()
  .regex(/^\d{19}$/)
  .transform((text) => Number(BigInt(text) / 1000n) / 1000);
const span = z.strictObject({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: hex(16).optional(),
  name: z.string().min(1),
  kind: z.int().min(1).max(5),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes,
  status: z.strictObject({ code: z.literal(2), message: z.string() }).optional(),
});
const request = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(z.strictObject({ scope: z.strictObject({ name: z.string() }), spans: z.array(span) })),
    }),
  ),
});

/** Times in milliseconds since the Unix epoch. */
export type ReceivedSpan = z.output<typeof span> & { service: string };

export interface Collector {
  /** The base, as OTEL_EXPORTER_OTLP_ENDPOINT wants it. */
  url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Everything that was sent, as text. */
  text(): string;
  /** Waits for a span of that trace. It must come within 15 s. */
  received(traceId: string, name: string): Promise<ReceivedSpan>;
  stop(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const right =
      incoming.method === "POST" &&
      incoming.url === "/v1/traces" &&
      incoming.headers["content-type"] === "application/json";
    const parsed = request.safeParse(right ? JSON.parse(body) : undefined);
    response.writeHead(parsed.success ? 200 : 400, { "content-type": "application/json" }).end("{}");
    if (!parsed.success) return;
    bodies.push(body);
    for (const { resource, scopeSpans } of parsed.data.resourceSpans) {
      const named = resource.attributes.find(({ key }) => key === "service.name")?.value;
      const service = named && "stringValue" in named ? named.stringValue : "";
      spans.push(...scopeSpans.flatMap((scope) => scope.spans).map((one) => ({ ...one, service })));
    }
    for (const look of [...waiting]) look();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    text: () => bodies.join("\n"),
    received: (traceId, name) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = spans.find((one) => one.traceId === traceId && one.name === name);
          if (!found) return;
          waiting.delete(look);
          clearTimeout(patience);
          resolve(found);
        };
        const patience = setTimeout(() => {
          waiting.delete(look);
          const names = spans.filter((one) => one.traceId === traceId).map((one) => one.name);
          reject(new Error(`no span "${name}" within 15 s; came: ${names.join(", ")}`));
        }, 15_000);
        waiting.add(look);
        look();
      }),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
