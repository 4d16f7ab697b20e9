/** What the gateway knows of one live call, whoever began it, and what both kinds of call do alike. */
import type { Logger } from "pino";
import { talkLimit } from "#core/call/limits.ts";
import type { CallId, DeviceId, EndReason, LegId } from "#core/messages/values.ts";
import type { Tracer } from "#core/trace/tracer.ts";
import type { BridgeParts, newBridge } from "./bridge.ts";
import type { EdgeMessage, GatewayMessage } from "./edge-link.ts";
import type { CallDialog, DialogEnd } from "./sip/call-dialog.ts";

/** The edge's messages that concern one call. */
export type CallMessage = Extract<EdgeMessage, { type: "ringing" | "refuse" | "answer" | "dismiss" | "end" | "warn" }>;

export type LiveCall = {
  readonly callId: CallId;
  readonly deviceId: DeviceId;
  readonly direction: "from-station" | "to-station";
  readonly phase: "ringing" | "talking";
  /** Carries out what the edge says of this call. */
  handle(message: CallMessage): void;
  /** The dialog, while talking: for INFO. */
  readonly dialog: CallDialog | undefined;
  /** Ends it from this side and tells the edge. */
  end(reason: EndReason): void;
  /** Its station pressed: a call of ours that still rings there gives way. False where it can't. */
  giveWay(): boolean;
  stats(): ReturnType<ReturnType<typeof newBridge>["stats"]>;
};

/** Where a caller's picture is stored, and what its storing is a part of. */
export type SnapshotTarget = { url: string; token: string; traceparent: string | undefined };

export type CallParts = BridgeParts & {
  log: Logger;
  /** Keeps the calls' spans, where someone wants them. */
  tracer?: Tracer | undefined;
  say(message: GatewayMessage): void;
  /** Stores the caller's picture. Rejects where the edge refuses it. */
  putSnapshot(target: SnapshotTarget, jpeg: Buffer): Promise<void>;
  /** Milliseconds until a press that the edge says nothing to is refused. @default 4000 */
  edgeAnswerTime?: number;
  now?: () => number;
};

/** The gateway's own limit comes a little after the edge's, which is the one that counts while the edge is there. */
export const limitGrace = 1_000;
/** How long the winner may take to be in the room, and how often we look. */
const winnerJoinTime = 10_000;
const winnerLookEvery = 200;

/** Milliseconds until the gateway ends the talk by itself: the edge's end, but never more than the data sheet's limit. */
export function talkTimeLeft(talkUntil: number, now: number): number {
  return Math.min(Math.max(talkUntil - now, 0), talkLimit) + limitGrace;
}

/** Why a call ended, as the history says it, when its dialog ended in this way. Undefined: we ended it ourselves. */
export function reasonOf(end: DialogEnd): EndReason | undefined {
  switch (end) {
    case "bye-received":
      return "hung-up-by-station";
    case "flow-lost":
    case "session-expired":
    case "unacknowledged":
      return "station-lost";
    case "bye-sent":
      return undefined;
  }
}

/** The final status a ringing station gets, and its words (RFC 3261 §21). */
export function statusOf(reason: EndReason): { status: number; text: string } {
  switch (reason) {
    case "declined":
      return { status: 603, text: "Declined" };
    case "no-answer":
      return { status: 480, text: "No Answer" };
    case "nobody-available":
      return { status: 480, text: "Nobody Available" };
    case "failed":
    case "media-node-lost":
      return { status: 500, text: "Call Failed" };
    default:
      return { status: 480, text: "Temporarily Unavailable" };
  }
}

/**
 * Lets the winner publish as soon as they are in the room. Gives up after 10 s: the edge watches the winner's socket and
 * ends the call where they don't come back.
 */
export async function permitWinner(
  parts: CallParts,
  callId: CallId,
  winner: LegId,
  alive: () => boolean,
): Promise<void> {
  const until = Date.now() + winnerJoinTime;
  while (alive() && Date.now() < until) {
    if (await parts.rooms.permitPublish(callId, winner)) return;
    await new Promise((resolve) => setTimeout(resolve, winnerLookEvery));
  }
}

/** Ends the talk when its time is over, unless stopped before. */
export function limitTalk(time: number, onLimit: () => void): () => void {
  const timer = setTimeout(onLimit, time);
  return () => clearTimeout(timer);
}
