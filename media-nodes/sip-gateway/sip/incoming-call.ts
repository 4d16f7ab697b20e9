/** An INVITE that came in, from its arrival to its ACK (RFC 3261 §13.3). */
import { type CallDialog, openDialog } from "./call-dialog.ts";
import { serverDialog } from "./dialog.ts";
import type { Flow } from "./flow.ts";
import { type Header, header, type SipRequest, tokens } from "./message.ts";
import { reliableProvisionals } from "./reliable-provisional.ts";
import type { ResponseContent } from "./serialise.ts";
import { answerTimer, minimumInterval, timerHeaders } from "./session-timer.ts";
import type { Stack } from "./stack.ts";
import type { InviteServerTransaction } from "./transaction/server.ts";

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

/** Takes up an INVITE; `tag` is ours. For the user agent alone. */
export function receiveCall(
  stack: Stack,
  flow: Flow,
  request: SipRequest,
  transaction: InviteServerTransaction,
  tag: string,
): { call: IncomingCall; cancelled(): void } {
  const internals = openDialog(stack, serverDialog(flow, request, tag));
  internals.setPeerAllows(request);
  internals.isUnanswered = true;
  const cancelHandlers: (() => void)[] = [];
  const contact: Header = ["contact", stack.contact(flow)];
  const requiresReliable = tokens(request, "require").includes("100rel");
  const respond = (content: ResponseContent) => transaction.respond({ tag, ...content });

  const reliable = reliableProvisionals({
    clock: stack.clock,
    cseq: request.cseq.number,
    respond,
    onUnacknowledged: () => reject(504, "No PRACK"),
  });

  const reject = (status: number, reason?: string, headers: readonly Header[] = []) => {
    reliable.stop();
    if (!respond({ status, ...(reason ? { reason } : {}), headers })) return;
    internals.end("bye-sent");
  };

  const provisional = (content: ResponseContent) => (requiresReliable ? reliable.send(content) : void respond(content));

  internals.onPrack = (prack) => ({ status: reliable.acknowledge(header(prack, "rack")) ? 200 : 481 });

  internals.dialog.onEnd((why) => {
    reliable.stop();
    // The flow went, or the peer said BYE in an early dialog: the INVITE still wants a final response (§15.1.2).
    if (why === "flow-lost" || why === "bye-received") respond({ status: 487 });
  });

  const sendAnswer = (sdp: string, settled: (acknowledged: boolean) => void) => {
    const timer = answerTimer(request);
    if (timer.kind === "too-small") {
      reject(422, undefined, [["min-se", String(minimumInterval)]]);
      return settled(false);
    }
    const headers: Header[] = [
      contact,
      ["allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK"],
      ["supported", "timer, outbound"],
      ...timerHeaders(timer),
      ["content-type", "application/sdp"],
    ];
    if (!respond({ status: 200, headers, body: sdp })) return settled(false);
    internals.isUnanswered = false;
    internals.onAcknowledged = () => {
      transaction.confirmed();
      internals.onAcknowledged = undefined;
      if (timer.kind === "timer") internals.startTimer(timer.timer);
      settled(true);
    };
    transaction.onUnacknowledged(() => {
      if (!internals.onAcknowledged) return;
      internals.bye("unacknowledged");
      settled(false);
    });
  };

  const call: IncomingCall = {
    request,
    flow,
    dialog: internals.dialog,
    ringing: () => provisional({ status: 180, headers: [contact] }),
    progress: (sdp) => {
      internals.setSession(sdp);
      provisional({ status: 183, headers: [contact, ["content-type", "application/sdp"]], body: sdp });
      // An answer in a reliable response is final (RFC 3262 §5); in any other it is only a foretaste of the 2xx's.
      const isFinal = () => {
        internals.isUnanswered = false;
      };
      if (requiresReliable) reliable.whenAcknowledged(isFinal);
    },
    answer: (sdp) =>
      new Promise((resolve) => {
        internals.setSession(sdp);
        internals.dialog.onEnd(() => resolve(false));
        reliable.whenAcknowledged(() => sendAnswer(sdp, resolve));
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
