/** What of a call goes into its trace at the edge. Pure; leg and device ids only, nobody's name. */
import type { CallId } from "../messages/values.ts";
import { parseTraceparent, sessionSpan } from "../trace/context.ts";
import type { Span } from "../trace/otlp.ts";
import type { CallState, Effect } from "./state.ts";

/** The spans that a turn of the state table brought to their end. @param newSpanId draws 16 hexadecimal digits */
export function finishedSpans(before: CallState | undefined, after: CallState, newSpanId: () => string): Span[] {
  const session = sessionSpan(after.callId);
  const below = () => ({ context: { ...session, spanId: newSpanId() }, parentId: session.spanId });
  const spans: Span[] = [];
  for (const { legId, toldAt, rangAt } of after.legs) {
    const rang = before?.legs.some((leg) => leg.legId === legId && leg.rangAt !== undefined);
    if (rang || toldAt === undefined || rangAt === undefined) continue;
    const attributes = { "symphony.leg.id": legId };
    spans.push({ ...below(), name: "told to rang", startedAt: toldAt, endedAt: rangAt, attributes });
  }
  if (after.confirmed && !before?.confirmed && after.answeredAt !== undefined) {
    const attributes = { "symphony.leg.id": after.person };
    spans.push({
      ...below(),
      name: "answered to confirmed",
      startedAt: after.answeredAt,
      endedAt: after.now,
      attributes,
    });
  }
  if (after.phase === "ended" && before?.phase !== "ended") spans.push(whole(after));
  return spans;
}

/** The session itself, which all others at the edge are parts of. */
function whole(state: CallState): Span {
  const parent = parseTraceparent(state.traceparent);
  return {
    context: sessionSpan(state.callId),
    ...(parent ? { parentId: parent.spanId } : {}),
    name: "call session",
    startedAt: state.startedAt,
    endedAt: state.ending?.at ?? state.now,
    attributes: {
      "symphony.call.id": state.callId,
      "symphony.device.id": state.deviceId,
      "symphony.organisation.id": state.door?.organisationId,
      "symphony.call.direction": state.direction,
      "symphony.call.end": state.ending?.reason,
      "symphony.call.legs": state.legs.length,
    },
  };
}

/** An effect as its span is called. */
export const effectName = (effect: Effect): string =>
  effect.type === "gateway" ? `gateway: ${effect.message.type}` : effect.type;

/** One step of the session. @param parentId what it follows from, if not from the session itself */
export function stepSpan(
  callId: CallId,
  name: string,
  startedAt: number,
  endedAt: number,
  spanId: string,
  parentId?: string,
): Span {
  const session = sessionSpan(callId);
  return { context: { ...session, spanId }, parentId: parentId ?? session.spanId, name, startedAt, endedAt };
}
