/**
 * A visitor pressed: the station's INVITE, from 180 to its end.
 *
 * 180 goes out at once; then the media port is bound, 183 carries the answer as soon as it is there, and the edge is told.
 * When it rings, the room is made. The INVITE's transaction decides between CANCEL and answer.
 */
import { randomUUID } from "node:crypto";
import { ringTime } from "#core/call/limits.ts";
import { type CallId, type DeviceId, type EndReason, legId as legIdSchema } from "#core/messages/values.ts";
import { newBridge } from "./bridge.ts";
import {
  type CallMessage,
  type CallParts,
  type LiveCall,
  limitTalk,
  permitWinner,
  reasonOf,
  type SnapshotTarget,
  statusOf,
  talkTimeLeft,
} from "./call.ts";
import { traceCall, traceClock } from "./call-trace.ts";
import type { IncomingCall } from "./sip/incoming-call.ts";

/** The edge ends the ringing; only where it is gone do we, this much later. Milliseconds. */
const ringGrace = 5_000;
/**
 * The room waits until it rings, or so long at most: making and joining it is far more work than a ring, and would take the
 * processor from it. Milliseconds.
 */
const ringsFirst = 40;
const unreachable = { "retry-after": "5" } as const;

/** Takes the call up. `onOver` is called once, when nothing of it is left. */
export function takePress(
  parts: CallParts,
  sip: IncomingCall,
  { callId, deviceId }: { callId: CallId; deviceId: DeviceId },
  onOver: () => void,
): LiveCall {
  const legId = legIdSchema.parse(randomUUID());
  const log = parts.log.child({ callId, deviceId });
  const trace = traceCall(parts.tracer, { callId, deviceId, direction: "from-station" });
  const now = parts.now ?? Date.now;
  const pressedAt = performance.now();
  const since = () => Math.round(performance.now() - pressedAt);
  let phase: "ringing" | "answering" | "talking" | "over" = "ringing";
  let listeners: readonly string[] = [];
  let answeringAt: number | undefined;
  let stopTalkLimit: (() => void) | undefined;
  const isOver = () => phase === "over";

  const rings = Promise.withResolvers<void>();
  const ringsAnyway = setTimeout(rings.resolve, ringsFirst);

  const bridge = newBridge(parts, {
    callId,
    legId,
    log,
    onFirstMedia: (from) =>
      from === "station"
        ? trace.done("first media of the station")
        : trace.done("first media of the person", { since: answeringAt }),
    onLost(reason) {
      log.error({ event: "room-lost", reason }, "the call's room is lost");
      finish("failed");
    },
  });

  /** Cleans up; the station and the edge have been told. */
  function over(why: string): void {
    if (isOver()) return;
    const media = bridge.stats();
    phase = "over";
    clearTimeout(patience);
    clearTimeout(ringsAnyway);
    stopTalkLimit?.();
    bridge.close();
    trace.over(why);
    log.info({ event: "call-over", why, ms: since(), media }, "call over");
    onOver();
  }

  /** Tells the station, each way it can be told; the first that applies counts. */
  function leaveStation(reason: EndReason): void {
    const { status, text } = statusOf(reason);
    if (phase === "talking") sip.dialog.bye({ cause: 200, text: reason });
    else sip.reject(status, text);
  }

  /** Ends it for a reason of our own. */
  function finish(reason: EndReason): void {
    if (isOver()) return;
    parts.say({ type: "call-ended", callId, at: now(), reason });
    leaveStation(reason);
    over(reason);
  }

  function refuse(status: number, text: string, why: string, retry = false): void {
    if (isOver()) return;
    sip.reject(status, text, retry ? Object.entries(unreachable) : []);
    over(why);
  }

  let patience = setTimeout(() => {
    log.warn({ event: "edge-silent" }, "the edge says nothing to a press");
    parts.say({ type: "caller-left", callId, at: now() });
    refuse(504, "No Answer From The Edge", "edge-silent", true);
  }, parts.edgeAnswerTime ?? 4_000);

  sip.ringing();
  trace.done("INVITE to 180");
  log.info({ event: "press", button: sip.request.uri.user, ms: since() }, "a visitor pressed");
  sip.onCancel(() => {
    if (isOver()) return;
    parts.say({ type: "caller-left", callId, at: now() });
    over("cancelled");
  });
  sip.dialog.onOffer(bridge.renegotiate);
  sip.dialog.onEnd((end) => {
    const reason = reasonOf(end);
    if (isOver() || reason === undefined) return;
    if (phase === "ringing" && end === "bye-received") parts.say({ type: "caller-left", callId, at: now() });
    else parts.say({ type: "call-ended", callId, at: now(), reason });
    over(end);
  });

  const leg = bridge.answer(sip.request.body);
  const room = rings.promise.then(() => bridge.enterRoom(leg));
  leg.then(
    (outcome) => {
      if (isOver()) return;
      if (!outcome.ok) return refuse(outcome.status, outcome.reason, "offer-refused");
      sip.progress(outcome.sdp);
      trace.done("INVITE to 183");
      const video = bridge.hasVideo();
      const button = (sip.request.uri.user ?? "").slice(0, 64);
      const { traceparent } = trace;
      parts.say({ type: "press", callId, legId, deviceId, button, at: now(), video, traceparent });
      log.info({ event: "early-media", ms: since(), video }, "the station may send");
      if (video) startPicture();
    },
    (error: unknown) => {
      log.error({ err: error }, "no media leg");
      refuse(500, "No Media", "no-media");
    },
  );
  room.then(
    () => {
      if (isOver()) return;
      parts.say({ type: "room-ready", callId });
      trace.done("room join");
      log.info({ event: "room-ready", ms: since() }, "the station is in the room");
    },
    (error: unknown) => {
      if (isOver()) return;
      log.error({ err: error, event: "no-room" }, "the room could not be entered");
      parts.say({ type: "call-ended", callId, at: now(), reason: "failed" });
      if (phase === "ringing") refuse(503, "Media Unavailable", "no-room", true);
      else finish("failed");
    },
  );

  let target: SnapshotTarget | undefined;
  let picture: Buffer | undefined;

  function startPicture(): void {
    bridge.snapshot().then(
      (jpeg) => {
        picture = jpeg;
        trace.done("take snapshot", { attributes: { "symphony.snapshot.bytes": jpeg.length } });
        log.info({ event: "snapshot", bytes: jpeg.length, ms: since() }, "snapshot taken");
        storePicture();
      },
      (error: unknown) => {
        if (!isOver()) log.warn({ err: error }, "no snapshot");
      },
    );
  }

  /** Also after the call's end: a caller who left at once is the one to be seen later. */
  function storePicture(): void {
    if (!picture || !target) return;
    parts.putSnapshot(target, picture).catch((error: unknown) => log.warn({ err: error }, "snapshot not stored"));
    target = undefined;
  }

  function rung(message: Extract<CallMessage, { type: "ringing" }>): void {
    target = { ...message.snapshot, traceparent: trace.traceparent };
    storePicture();
    if (phase !== "ringing") return;
    clearTimeout(patience);
    clearTimeout(ringsAnyway);
    rings.resolve();
    listeners = message.listeners;
    bridge.allow(listeners);
    const time = Math.min(Math.max(message.ringUntil - now(), 0), 4 * ringTime) + ringGrace;
    patience = setTimeout(() => finish("no-answer"), time);
    log.info({ event: "ringing", listeners: listeners.length, ms: since() }, "receivers ring");
  }

  function dismiss(gone: readonly string[]): void {
    if (phase !== "ringing") return;
    listeners = listeners.filter((listener) => !gone.includes(listener));
    bridge.allow(listeners);
    for (const listener of gone) void remove(listener);
  }

  async function answer(message: Extract<CallMessage, { type: "answer" }>): Promise<void> {
    if (phase !== "ringing") return;
    phase = "answering";
    clearTimeout(patience);
    const { winner } = message;
    // The narrowing comes first: from here on no loser gets a packet that the winner gets.
    bridge.allow([winner]);
    bridge.open(winner);
    answeringAt = traceClock();
    const acknowledged = sip.answer(bridge.localSdp);
    phase = "talking";
    stopTalkLimit = limitTalk(talkTimeLeft(message.talkUntil, now()), () => finish("time-limit"));
    const losers = listeners.filter((listener) => listener !== winner);
    room
      .then(() => Promise.all([permitWinner(parts, callId, winner, () => !isOver()), ...losers.map(remove)]))
      .catch((error: unknown) => {
        if (!isOver()) log.error({ err: error }, "the winner could not be let in");
      });
    if (!(await acknowledged)) return; // CANCEL, BYE or a lost flow was first, and has been told
    parts.say({ type: "answered", callId, at: now() });
    trace.done("answer", { since: answeringAt, cause: message.traceparent });
    log.info({ event: "answered", ms: since() }, "answered");
  }

  const remove = (loser: string) =>
    parts.rooms.remove(callId, loser).catch((error: unknown) => log.warn({ err: error }, "a loser stays in the room"));

  return {
    callId,
    deviceId,
    direction: "from-station",
    get phase() {
      return phase === "ringing" ? "ringing" : "talking";
    },
    get dialog() {
      return phase === "talking" ? sip.dialog : undefined;
    },
    handle(message) {
      switch (message.type) {
        case "ringing":
          return rung(message);
        case "refuse":
          return refuse(message.sipStatus, statusOf(message.reason).text, message.reason);
        case "answer":
          return void answer(message);
        case "dismiss":
          return dismiss(message.listeners);
        case "warn":
          return bridge.warn();
        case "end":
          if (isOver()) return;
          leaveStation(message.reason);
          return over(message.reason);
      }
    },
    end: finish,
    giveWay: () => false,
    stats: () => bridge.stats(),
  };
}
