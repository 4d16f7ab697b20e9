/** An INVITE of ours, from its sending to its answer, refusal or CANCEL (RFC 3261 §13.2, §9.1). */
import { sendAck } from "./ack.ts";
import { type CallDialog, openDialog } from "./call-dialog.ts";
import { transactionTime } from "./clock.ts";
import { clientDialog, dialogHeaders } from "./dialog.ts";
import type { Flow } from "./flow.ts";
import { newBranch, newTag } from "./identifiers.ts";
import { type Header, header, headers, type SipResponse, tokens } from "./message.ts";
import { writeRequest } from "./serialise.ts";
import { acceptedTimer } from "./session-timer.ts";
import { ownRequest, type Stack } from "./stack.ts";
import { inviteClientTransaction } from "./transaction/client.ts";

export interface OutgoingCallOptions {
  uri: string;
  /** As written: `"Name" <sip:…>`, without tags. */
  from: string;
  to: string;
  /** Our offer. */
  sdp: string;
  headers?: readonly Header[];
}

export interface OutgoingCall {
  readonly callId: string;
  /** 1xx other than 100; with SDP that is early media. */
  onProgress(handler: (status: number, sdp: string | undefined) => void): void;
  /** The first 2xx. It has been acknowledged. */
  onAnswer(handler: (answer: { sdp: string; dialog: CallDialog }) => void): void;
  /** Refused: status ≥ 300, 408 for no response at all, 503 for a lost flow. Also the outcome of `cancel`: 487. */
  onFailure(handler: (status: number, reason: string) => void): void;
  /** Calls it off. An answer that was on its way gets ACK and BYE, and `onFailure` hears 487. */
  cancel(): void;
}

/** Sends the INVITE. For the user agent alone. */
export function placeCall(stack: Stack, flow: Flow, options: OutgoingCallOptions): OutgoingCall {
  const callId = newTag();
  const localTag = newTag();
  const branch = newBranch();
  const via = stack.via(flow, branch);
  const text = writeRequest(
    "INVITE",
    options.uri,
    [
      ["via", via],
      ["max-forwards", "70"],
      ["from", `${options.from};tag=${localTag}`],
      ["to", options.to],
      ["call-id", callId],
      ["cseq", "1 INVITE"],
      ["contact", stack.contact(flow)],
      ["allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK, MESSAGE"],
      ["supported", "timer, outbound, 100rel"],
      ...(options.headers ?? []),
      ["content-type", "application/sdp"],
    ],
    options.sdp,
  );
  const invite = { from: options.from, to: options.to, callId, localTag, cseq: 1 };

  const progressHandlers: ((status: number, sdp: string | undefined) => void)[] = [];
  const answerHandlers: ((answer: { sdp: string; dialog: CallDialog }) => void)[] = [];
  const failureHandlers: ((status: number, reason: string) => void)[] = [];
  let cancelWanted = false;
  let heardProvisional = false;
  let isOver = false;
  /** The tag of the answer we took: a second 2xx is from another branch (§13.2.2.4). */
  let answeredTag: string | undefined;
  let highestRseq = 0;
  /** CSeq of this dialog's requests so far: the INVITE's, then a PRACK each. */
  let cseq = 1;

  const fail = (status: number, reason: string) => {
    if (isOver) return;
    isOver = true;
    for (const handler of failureHandlers) handler(status, reason);
  };

  const sendCancel = () => {
    const cancelText = writeRequest("CANCEL", options.uri, [
      ["via", via],
      ["max-forwards", "70"],
      ["from", `${options.from};tag=${localTag}`],
      ["to", options.to],
      ["call-id", callId],
      ["cseq", "1 CANCEL"],
    ]);
    flow.send(cancelText);
    // RFC 3261 §9.1: a peer that never ends the INVITE after CANCEL is given up after 64 × T1.
    stack.clock.after(transactionTime, () => {
      stack.endClient(branch, "INVITE");
      fail(487, "Request Terminated");
    });
  };

  const acknowledgeReliably = (response: SipResponse) => {
    const rseq = Number(header(response, "rseq"));
    if (!tokens(response, "require").includes("100rel") || !(rseq > highestRseq)) return;
    highestRseq = rseq;
    const early = clientDialog(flow, { ...invite, cseq }, response);
    cseq += 1;
    const prackBranch = newBranch();
    const fields: Header[] = [
      ...dialogHeaders(early, "PRACK", stack.via(flow, prackBranch), stack.contact(flow)),
      ["rack", `${rseq} ${response.cseq.number} INVITE`],
    ];
    stack.send(flow, "PRACK", early.remoteTarget, fields, prackBranch).catch(() => fail(408, "No answer to PRACK"));
  };

  const answered = (response: SipResponse) => {
    const tag = response.to.params.get("tag") ?? "";
    const state = clientDialog(flow, { ...invite, cseq }, response);
    sendAck(stack, state, 1);
    if (answeredTag === tag) return; // the same 2xx again: its ACK was lost
    const internals = openDialog(stack, state);
    if (answeredTag !== undefined || cancelWanted || isOver) {
      // Late: the call was called off, or another branch answered first.
      internals.dialog.bye();
      if (cancelWanted) fail(487, "Request Terminated");
      return;
    }
    answeredTag = tag;
    isOver = true;
    internals.setSession(options.sdp);
    internals.setPeerAllows(response);
    internals.startTimer(acceptedTimer(response));
    for (const handler of answerHandlers) handler({ sdp: response.body, dialog: internals.dialog });
  };

  const transaction = inviteClientTransaction({
    request: ownRequest(text),
    clock: stack.clock,
    send: (more) => flow.send(more),
    onResponse(response) {
      if (response.status < 200) {
        // CANCEL may go out only after a provisional response (§9.1).
        if (!heardProvisional) {
          heardProvisional = true;
          if (cancelWanted) sendCancel();
        }
        if (response.status === 100 || isOver) return;
        acknowledgeReliably(response);
        const sdp = headers(response, "content-type").some((type) => /^application\/sdp/i.test(type))
          ? response.body
          : undefined;
        for (const handler of progressHandlers) handler(response.status, sdp);
      } else if (response.status < 300) answered(response);
      else fail(response.status, response.reason);
    },
    onFailure: (failure) => (failure === "timeout" ? fail(408, "Request Timeout") : fail(503, "Flow Failed")),
    onTerminated: () => stack.endClient(branch, "INVITE"),
  });
  stack.startClient(flow, branch, "INVITE", transaction, text);

  return {
    callId,
    onProgress: (handler) => progressHandlers.push(handler),
    onAnswer: (handler) => answerHandlers.push(handler),
    onFailure: (handler) => failureHandlers.push(handler),
    cancel() {
      if (isOver || cancelWanted) return;
      cancelWanted = true;
      if (heardProvisional) sendCancel();
    },
  };
}
