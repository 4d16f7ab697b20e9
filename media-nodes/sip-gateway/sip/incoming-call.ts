/** An INVITE that came in, from its arrival to its ACK (RFC 3261 §13.3). */
import { type CallDialog, openDialog } from "./call-dialog.ts";
import { T1, transactionTime } from "./clock.ts";
import { serverDialog } from "./dialog.ts";
import type { Flow } from "./flow.ts";
import { type Header, header, type SipRequest, tokens } from "./message.ts";
import type { ResponseContent } from "./serialise.ts";
import { answerTimer, minimumInterval, type TimerAnswer, writeTimer } from "./session-timer.ts";
import type { InviteServerTransaction } from "./transaction/server.ts";
import type { Stack } from "./user-agent.ts";

export interface IncomingCall {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly dialog: CallDialog;
  ringing(): void;
  /** 183 with early media; reliable where the caller requires it (RFC 3262). */
  progress(sdp: string): void;
  /**
   * Sends 200 with this answer. Resolves true once acknowledged; false where the caller had cancelled, was refused before,
   * or sent no ACK within 32 s (then BYE went out).
   */
  answer(sdp: string): Promise<boolean>;
  /** Refuses with a final status ≥ 300; nothing happens where a final response went out before. */
  reject(status: number, reason?: string, headers?: readonly Header[]): void;
  /** The caller cancelled before an answer: 487 has been sent. */
  onCancel(handler: () => void): void;
}

/** Session-Expires of our 200, and Require where the caller has to refresh (RFC 4028 §9). */
function timerHeaders(answer: TimerAnswer): Header[] {
  if (answer.kind !== "timer") return [];
  const expires: Header = ["session-expires", writeTimer(answer.timer)];
  return answer.timer.refresher === "peer" ? [expires, ["require", "timer"]] : [expires];
}

/** Takes up an INVITE; `tag` is ours. For the user agent alone. */
export function receiveCall(
  stack: Stack,
  flow: Flow,
  request: SipRequest,
  transaction: InviteServerTransaction,
  tag: string,
): { call: IncomingCall; cancelled(): void } {
  const internals = openDialog(stack, serverDialog(flow, request, tag));
  const cancelHandlers: (() => void)[] = [];
  const contact: Header = ["contact", stack.contact(flow)];
  const requiresReliable = tokens(request, "require").includes("100rel");
  /** The reliable 183 not yet acknowledged by PRACK, and what stops its repeating. */
  let pending: { rseq: number; stop(): void } | undefined;
  let rseq = 0;

  const respond = (content: ResponseContent) => transaction.respond({ tag, ...content });

  const reject = (status: number, reason?: string, headers: readonly Header[] = []) => {
    pending?.stop();
    if (!respond({ status, ...(reason ? { reason } : {}), headers })) return;
    internals.end("bye-sent");
  };

  const repeatReliable = (content: ResponseContent, interval: number, spent: number): (() => void) => {
    let stop = stack.clock.after(interval, () => {
      if (spent + interval >= transactionTime) return reject(504, "No PRACK"); // RFC 3262 §3
      if (!respond(content)) return;
      stop = repeatReliable(content, interval * 2, spent + interval);
    });
    return () => stop();
  };

  const provisional = (content: ResponseContent) => {
    if (!requiresReliable) return void respond(content);
    pending?.stop();
    rseq += 1;
    const reliable: ResponseContent = {
      ...content,
      headers: [...(content.headers ?? []), ["require", "100rel"], ["rseq", String(rseq)]],
    };
    if (respond(reliable)) pending = { rseq, stop: repeatReliable(reliable, T1, 0) };
  };

  internals.onPrack = (prack) => {
    const [acknowledged, cseq] = (header(prack, "rack") ?? "").split(/\s+/);
    if (!pending || Number(acknowledged) !== pending.rseq || Number(cseq) !== request.cseq.number)
      return { status: 481 };
    pending.stop();
    pending = undefined;
    return { status: 200 };
  };

  internals.dialog.onEnd((why) => {
    pending?.stop();
    // The flow went, or the peer said BYE in an early dialog: the INVITE still wants a final response (§15.1.2).
    if (why === "flow-lost" || why === "bye-received") respond({ status: 487 });
  });

  const call: IncomingCall = {
    request,
    flow,
    dialog: internals.dialog,
    ringing: () => provisional({ status: 180, headers: [contact] }),
    progress: (sdp) => {
      internals.setSession(sdp);
      provisional({ status: 183, headers: [contact, ["content-type", "application/sdp"]], body: sdp });
    },
    answer: (sdp) =>
      new Promise((resolve) => {
        const timer = answerTimer(request);
        if (timer.kind === "too-small") {
          reject(422, undefined, [["min-se", String(minimumInterval)]]);
          return resolve(false);
        }
        pending?.stop();
        internals.setSession(sdp);
        const headers: Header[] = [
          contact,
          ["allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK"],
          ["supported", "timer, outbound"],
          ...timerHeaders(timer),
          ["content-type", "application/sdp"],
        ];
        if (!respond({ status: 200, headers, body: sdp })) return resolve(false);
        internals.onAcknowledged = () => {
          transaction.confirmed();
          internals.onAcknowledged = undefined;
          if (timer.kind === "timer") internals.startTimer(timer.timer);
          resolve(true);
        };
        transaction.onUnacknowledged(() => {
          if (!internals.onAcknowledged) return;
          internals.dialog.bye();
          resolve(false);
        });
        internals.dialog.onEnd(() => resolve(false));
      }),
    reject,
    onCancel: (handler) => cancelHandlers.push(handler),
  };
  return {
    call,
    cancelled() {
      reject(487);
      for (const handler of cancelHandlers) handler();
    },
  };
}
