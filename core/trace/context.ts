/**
 * Where a span stands in its call's trace, as W3C Trace Context writes it. A call's trace id is its call id without the
 * dashes, so whoever finds a call in the history finds its trace. The two spans that hold the others together have ids
 * that follow from the call id too, one half of it each: every part can hang its own below them without being told.
 */
import { z } from "zod";
import type { CallId } from "../messages/values.ts";

export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
}

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** The header `traceparent`, version 00 (W3C Trace Context §3.2), as it goes over HTTP and in messages of the link. */
export const traceparent = z.string().regex(pattern);

const digits = (callId: CallId): string => callId.replaceAll("-", "");

/** The call as the media node sees it: from INVITE to its end. */
export const gatewaySpan = (callId: CallId): TraceContext => ({
  traceId: digits(callId),
  spanId: digits(callId).slice(16),
});

/** The call as the edge sees it: its session, from the first word to the record. */
export const sessionSpan = (callId: CallId): TraceContext => ({
  traceId: digits(callId),
  spanId: digits(callId).slice(0, 16),
});

/** "Sampled": what is not to be kept is not begun. */
export const formatTraceparent = ({ traceId, spanId }: TraceContext): string => `00-${traceId}-${spanId}-01`;

/** Nothing for a header that is absent, malformed or of zeros (§3.2.2.3 and §3.2.2.4: to be ignored). */
export function parseTraceparent(header: string | null | undefined): TraceContext | undefined {
  const [, traceId = "", spanId = ""] = pattern.exec(header ?? "") ?? [];
  return /[^0]/.test(traceId) && /[^0]/.test(spanId) ? { traceId, spanId } : undefined;
}
