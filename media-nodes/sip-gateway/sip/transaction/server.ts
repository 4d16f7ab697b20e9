/**
 * Server transactions over a reliable transport (RFC 3261 §17.2, RFC 6026 §8.7). They absorb what is sent twice and say
 * who won between CANCEL and an answer: whoever gives the first final response.
 */
import { type Clock, T1, transactionTime } from "../clock.ts";
import type { SipRequest } from "../message.ts";
import { type ResponseContent, writeResponse } from "../serialise.ts";

export type InviteServerState = "proceeding" | "accepted" | "completed" | "confirmed" | "terminated";

export interface ServerTransactionOptions {
  request: SipRequest;
  clock: Clock;
  send(text: string): void;
  onTerminated(): void;
}

export interface InviteServerTransaction {
  state(): InviteServerState;
  /** Sends a response; false where a final one went out before, and this one must not. */
  respond(content: ResponseContent): boolean;
  /** The same INVITE came again. */
  repeated(): void;
  /** An ACK with its branch (for ≥ 300) came. */
  acknowledged(): void;
  /** The 2xx was acknowledged end to end: stop repeating it. */
  confirmed(): void;
  /** Called when no ACK came within 32 s. */
  onUnacknowledged(handler: () => void): void;
}

/** INVITE server transaction; repeats a 2xx until its ACK too, as RFC 3261 §13.3.1.4 asks whatever the transport. */
export function inviteServerTransaction({
  request,
  clock,
  send,
  onTerminated,
}: ServerTransactionOptions): InviteServerTransaction {
  let state: InviteServerState = "proceeding";
  let last: string | undefined;
  let cancelTimers: (() => void)[] = [];
  const unacknowledged: (() => void)[] = [];

  const stopTimers = () => {
    for (const cancel of cancelTimers.splice(0)) cancel();
  };
  const terminate = () => {
    stopTimers();
    if (state === "terminated") return;
    state = "terminated";
    onTerminated();
  };
  const repeatAnswer = (text: string, interval: number) => {
    cancelTimers.push(
      clock.after(interval, () => {
        send(text);
        repeatAnswer(text, Math.min(interval * 2, 4_000));
      }),
    );
  };

  return {
    state: () => state,
    respond(content) {
      if (state !== "proceeding") return false;
      const text = writeResponse(request, content);
      last = text;
      send(text);
      if (content.status < 200) return true;
      const isAnswer = content.status < 300;
      state = isAnswer ? "accepted" : "completed";
      cancelTimers = [];
      if (isAnswer) repeatAnswer(text, T1);
      // Timer H (RFC 3261) and L (RFC 6026): 64 × T1.
      cancelTimers.push(
        clock.after(transactionTime, () => {
          terminate();
          for (const handler of unacknowledged) handler();
        }),
      );
      return true;
    },
    repeated() {
      if (last !== undefined && (state === "proceeding" || state === "completed")) send(last);
    },
    acknowledged() {
      if (state !== "completed") return;
      state = "confirmed";
      terminate(); // timer I is zero over a reliable transport
    },
    confirmed() {
      if (state !== "accepted") return;
      stopTimers();
      // Stays to absorb a repeated INVITE (RFC 6026 §7.1), but repeats nothing any more.
      cancelTimers.push(clock.after(transactionTime, terminate));
    },
    onUnacknowledged: (handler) => unacknowledged.push(handler),
  };
}

export interface ServerTransaction {
  respond(content: ResponseContent): boolean;
  repeated(): void;
}

/** Non-INVITE server transaction. Timer J is zero over a reliable transport; the answer is kept a while all the same. */
export function serverTransaction({ request, clock, send, onTerminated }: ServerTransactionOptions): ServerTransaction {
  let last: string | undefined;
  let isFinal = false;
  return {
    respond(content) {
      if (isFinal) return false;
      last = writeResponse(request, content);
      send(last);
      isFinal = content.status >= 200;
      if (isFinal) clock.after(5_000, onTerminated);
      return true;
    },
    repeated() {
      if (last !== undefined) send(last);
    },
  };
}
