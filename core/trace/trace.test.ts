import { describe, expect, test } from "vitest";
import { callId } from "../messages/values.ts";
import { formatTraceparent, gatewaySpan, parseTraceparent, sessionSpan } from "./context.ts";
import { type Span, traceRequest } from "./otlp.ts";
import { newTracer, tracesUrl } from "./tracer.ts";

const call = callId.parse("0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0001");

describe("a call's trace", () => {
  test("has the call's own id, and a traceparent that is read as it was written", () => {
    const header = formatTraceparent(gatewaySpan(call));
    expect(header).toBe("00-0d6c0f4e2b7a4f538f536d1a5e0c0001-8f536d1a5e0c0001-01");
    expect(parseTraceparent(header)).toEqual(gatewaySpan(call));
    expect(sessionSpan(call).spanId).not.toBe(gatewaySpan(call).spanId);
  });

  test.each([null, "", "00-abc-def-01", `00-${"0".repeat(32)}-${"1".repeat(16)}-01`, `ff-${"1".repeat(32)}-x`])(
    "ignores the traceparent %j",
    (header) => expect(parseTraceparent(header)).toBeUndefined(),
  );
});

describe("OTLP/JSON", () => {
  test("writes nanoseconds and integers as strings, and leaves out what is not known", () => {
    const span: Span = {
      context: sessionSpan(call),
      parentId: gatewaySpan(call).spanId,
      name: "plan",
      startedAt: 1_790_000_000_000.25,
      endedAt: 1_790_000_000_004,
      attributes: { "symphony.legs": 3, "symphony.ratio": 0.5, "symphony.device": undefined },
      error: "no answer",
    };
    const written = traceRequest("edge", [span]);
    expect(written.resourceSpans[0]?.scopeSpans[0]?.spans).toEqual([
      {
        traceId: "0d6c0f4e2b7a4f538f536d1a5e0c0001",
        spanId: "0d6c0f4e2b7a4f53",
        parentSpanId: "8f536d1a5e0c0001",
        name: "plan",
        kind: 1,
        startTimeUnixNano: "1790000000000250000",
        endTimeUnixNano: "1790000000004000000",
        attributes: [
          { key: "symphony.legs", value: { intValue: "3" } },
          { key: "symphony.ratio", value: { doubleValue: 0.5 } },
        ],
        status: { code: 2, message: "no answer" },
      },
    ]);
  });

  test("goes to the traces' own address below the endpoint", () => {
    expect(tracesUrl("http://collector:4318/")).toBe("http://collector:4318/v1/traces");
  });
});

describe("the tracer", () => {
  const span: Span = { context: sessionSpan(call), name: "x", startedAt: 1, endedAt: 2 };

  test("hands on in one batch what came before it was asked to, and is asked once", async () => {
    const bodies: string[] = [];
    const flushes: (() => Promise<void>)[] = [];
    const post = async (body: string) => void bodies.push(body);
    const tracer = newTracer({ service: "edge", post, later: (flush) => flushes.push(flush) });
    for (let n = 0; n < 3; n++) tracer.span(span);
    expect(flushes).toHaveLength(1);
    await flushes[0]?.();
    expect(bodies).toHaveLength(1);
    expect(JSON.parse(bodies[0] ?? "").resourceSpans[0].scopeSpans[0].spans).toHaveLength(3);
    await tracer.flush();
    expect(bodies).toHaveLength(1);
  });

  test("drops and counts what is too much, and what its receiver does not take", async () => {
    const post = () => Promise.reject(new Error("away"));
    const tracer = newTracer({ service: "edge", post, later: () => undefined, most: 2 });
    for (let n = 0; n < 3; n++) tracer.span(span);
    expect(tracer.dropped).toBe(1);
    await tracer.flush();
    expect(tracer.dropped).toBe(3);
  });
});
