/** A call's spans at the gateway: the call from its INVITE to its end, and below it what it is made of. */
import { randomBytes } from "node:crypto";
import type { CallId, DeviceId } from "#core/messages/values.ts";
import { formatTraceparent, gatewaySpan, parseTraceparent } from "#core/trace/context.ts";
import type { Attributes } from "#core/trace/otlp.ts";
import { newTracer, type Tracer, tracesUrl } from "#core/trace/tracer.ts";

/** Milliseconds. */
const batchEvery = 1_000;
const postTime = 5_000;

/** Sends spans to an OTLP endpoint over HTTP. Nothing without one: then nothing is kept. */
export function openTracer(endpoint: string | undefined): Tracer | undefined {
  if (endpoint === undefined) return undefined;
  const url = tracesUrl(endpoint);
  return newTracer({
    service: "sip-gateway",
    async post(body) {
      const headers = { "content-type": "application/json" };
      const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(postTime) });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the collector answered ${response.status}`);
    },
    later: (flush) => void setTimeout(flush, batchEvery).unref(),
  });
}

export type CallTrace = {
  /** Goes with messages and requests, so that what they cause hangs below this call. Absent where nothing is kept. */
  readonly traceparent: string | undefined;
  /**
   * A step of the call is done now.
   * @param about `since`: when it began, on {@link traceClock}, and without it with the call; `cause`: the traceparent of
   * what it follows from, and without it the call
   */
  done(name: string, about?: { since?: number | undefined; cause?: string | undefined; attributes?: Attributes }): void;
  /** The call is over. */
  over(why: string): void;
};

/** Milliseconds since the Unix epoch, with fractions, that never go back. */
export const traceClock = (): number => performance.timeOrigin + performance.now();

const untraced: CallTrace = { traceparent: undefined, done() {}, over() {} };

/** Begins a call's trace, now. @param call `cause`: the traceparent of what asked for the call, if it was not a station */
export function traceCall(
  tracer: Tracer | undefined,
  call: { callId: CallId; deviceId: DeviceId; direction: string; cause?: string | undefined },
): CallTrace {
  if (!tracer) return untraced;
  const own = gatewaySpan(call.callId);
  const startedAt = traceClock();
  const parentOf = (cause: string | undefined) => parseTraceparent(cause)?.spanId;
  return {
    traceparent: formatTraceparent(own),
    done(name, { since = startedAt, cause, attributes } = {}) {
      tracer.span({
        context: { traceId: own.traceId, spanId: randomBytes(8).toString("hex") },
        name,
        parentId: parentOf(cause) ?? own.spanId,
        startedAt: since,
        endedAt: traceClock(),
        ...(attributes ? { attributes } : {}),
      });
    },
    over(why) {
      const parentId = parentOf(call.cause);
      tracer.span({
        context: own,
        name: "call",
        ...(parentId ? { parentId } : {}),
        startedAt,
        endedAt: traceClock(),
        attributes: {
          "symphony.call.id": call.callId,
          "symphony.device.id": call.deviceId,
          "symphony.call.direction": call.direction,
          "symphony.call.end": why,
        },
      });
    },
  };
}
