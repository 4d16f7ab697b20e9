/**
 * A person calls a station: our INVITE over the station's own connection, from the offer to its end. The person is in
 * the room before the station answers and may see its early media; the station hears and sees nothing until it does.
 */
import { ringTime } from "#core/call/limits.ts";
import type { EndReason } from "#core/messages/values.ts";
import { newBridge } from "./bridge.ts";
import { type CallParts, type LiveCall, limitTalk, permitWinner, reasonOf, talkTimeLeft } from "./call.ts";
import { traceCall } from "./call-trace.ts";
import type { EdgeMessage } from "./edge-link.ts";
import type { CallDialog } from "./sip/call-dialog.ts";
import type { OutgoingCall } from "./sip/outgoing-call.ts";
import type { Registration } from "./sip/registrar.ts";
import { quoted } from "./sip/serialise.ts";
import type { UserAgent } from "./sip/user-agent.ts";

export type PlacedCallParts = CallParts & { userAgent: UserAgent; publicHost: string };
type Invite = Extract<EdgeMessage, { type: "invite" }>;

/** Places the call. `onOver` is called once, when nothing of it is left. */
export function placeStationCall(
  parts: PlacedCallParts,
  invite: Invite,
  registration: Registration,
  onOver: () => void,
): LiveCall {
  const { callId, legId, deviceId, caller } = invite;
  const log = parts.log.child({ callId, deviceId });
  const trace = traceCall(parts.tracer, { callId, deviceId, direction: "to-station", cause: invite.traceparent });
  const now = parts.now ?? Date.now;
  let phase: "ringing" | "talking" | "over" = "ringing";
  let sip: OutgoingCall | undefined;
  let dialog: CallDialog | undefined;
  let rang = false;
  let stopTalkLimit: (() => void) | undefined;
  const isOver = () => phase === "over";

  const bridge = newBridge(parts, {
    callId,
    legId,
    log,
    onFirstMedia: (from) => trace.done(from === "station" ? "first media of the station" : "first media of the person"),
    onLost: () => finish("failed"),
  });
  bridge.allow([caller]);

  const patience = setTimeout(
    () => refused(408, "no-answer"),
    Math.min(Math.max(invite.ringUntil - now(), 0), 4 * ringTime) + 5_000,
  );

  function over(why: string): void {
    if (isOver()) return;
    const media = bridge.stats();
    phase = "over";
    clearTimeout(patience);
    stopTalkLimit?.();
    bridge.close();
    trace.over(why);
    log.info({ event: "call-over", why, media }, "call over");
    onOver();
  }

  function refused(sipStatus: number, why: string): void {
    if (isOver()) return;
    parts.say({ type: "station-refused", callId, sipStatus });
    sip?.cancel();
    over(why);
  }

  function leaveStation(reason: EndReason): void {
    if (dialog) dialog.bye({ cause: 200, text: reason });
    else sip?.cancel();
  }

  function finish(reason: EndReason): void {
    if (isOver()) return;
    parts.say({ type: "call-ended", callId, at: now(), reason });
    leaveStation(reason);
    over(reason);
  }

  const leg = bridge.offer(registration.isStation);
  const room = bridge.enterRoom(leg);
  leg.then(ring, (error: unknown) => {
    log.error({ err: error }, "no media leg");
    refused(500, "no-media");
  });
  room.then(
    () => {
      if (isOver()) return;
      parts.say({ type: "room-ready", callId });
      trace.done("room join");
    },
    (error: unknown) => {
      if (isOver()) return;
      log.error({ err: error, event: "no-room" }, "the room could not be entered");
      finish("failed");
    },
  );

  function ring(sdp: string): void {
    if (isOver()) return;
    log.info({ event: "invite" }, "calling the station");
    const own = `sip:${deviceId}@${parts.publicHost}`;
    sip = parts.userAgent.call(registration.flow, {
      uri: registration.contact,
      from: `${quoted(invite.callerName)} <sip:portal@${parts.publicHost}>`,
      to: `<${own}>`,
      sdp,
    });
    sip.onProgress((status, early) => {
      if (isOver()) return;
      if (early !== undefined) bridge.answered(early);
      if (rang || (status !== 180 && status !== 183)) return;
      rang = true;
      parts.say({ type: "station-ringing", callId });
      trace.done("INVITE to 180");
    });
    sip.onFailure((status, text) => refused(status, `${status} ${text}`));
    sip.onAnswer((answer) => {
      dialog = answer.dialog;
      if (isOver()) return answer.dialog.bye();
      answered(answer);
    });
  }

  function answered(answer: { sdp: string; dialog: CallDialog }): void {
    const agreed = bridge.answered(answer.sdp);
    if (!agreed.ok) {
      answer.dialog.bye({ cause: agreed.status, text: agreed.reason });
      refused(agreed.status, agreed.reason);
      return;
    }
    phase = "talking";
    clearTimeout(patience);
    answer.dialog.onOffer(bridge.renegotiate);
    answer.dialog.onEnd((end) => {
      const reason = reasonOf(end);
      if (isOver() || reason === undefined) return;
      parts.say({ type: "call-ended", callId, at: now(), reason });
      over(end);
    });
    bridge.open(caller);
    parts.say({ type: "station-answered", callId, at: now() });
    trace.done("INVITE to 200");
    stopTalkLimit = limitTalk(talkTimeLeft(now() + invite.talkTime, now()), () => finish("time-limit"));
    room
      .then(() => permitWinner(parts, callId, caller, () => !isOver()))
      .catch((error: unknown) => {
        if (!isOver()) log.error({ err: error }, "the caller could not be let in");
      });
    log.info({ event: "answered" }, "the station answered");
  }

  return {
    callId,
    deviceId,
    direction: "to-station",
    get phase() {
      return phase === "talking" ? "talking" : "ringing";
    },
    get dialog() {
      return phase === "talking" ? dialog : undefined;
    },
    handle(message) {
      switch (message.type) {
        case "warn":
          return bridge.warn();
        case "refuse":
          return refused(message.sipStatus, message.reason);
        case "end":
          if (isOver()) return;
          leaveStation(message.reason);
          return over(message.reason);
        default:
          log.warn({ about: message.type }, "makes no sense for a call to a station");
      }
    },
    end: finish,
    giveWay() {
      if (phase !== "ringing") return false;
      log.info({ event: "crossed" }, "the station pressed while we called it: its call goes first");
      refused(486, "crossed");
      return true;
    },
    stats: () => bridge.stats(),
  };
}
