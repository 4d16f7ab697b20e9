/** A confirmed or early dialog of a call: BYE, INFO, re-INVITE and UPDATE both ways, and the session timer. */
import { type DialogState, dialogHeaders, newBranch, takeRequest } from "./dialog.ts";
import { type Header, header, type SipRequest, type SipResponse } from "./message.ts";
import { addressOf, parse } from "./parse.ts";
import { type ResponseContent, writeRequest } from "./serialise.ts";
import { acceptedTimer, answerTimer, minimumInterval, type SessionTimer, writeTimer } from "./session-timer.ts";
import { inviteClientTransaction } from "./transaction/client.ts";
import type { InviteServerTransaction } from "./transaction/server.ts";
import { type DialogUse, inspect, NoResponse, type Stack } from "./user-agent.ts";

/** Why a dialog ended: the peer's BYE, ours, a lost flow, no ACK, or a session nobody refreshed. */
export type DialogEnd = "bye-received" | "bye-sent" | "flow-lost" | "unacknowledged" | "session-expired";

export interface CallDialog {
  readonly callId: string;
  /** Says BYE and ends the dialog at once, whatever the peer answers. */
  bye(reason?: { cause: number; text: string }): void;
  info(contentType: string, body: string): Promise<SipResponse>;
  /** Offers a new session by re-INVITE. Resolves with the final response; 491 where one is already under way. */
  offer(sdp: string): Promise<SipResponse>;
  onEnd(handler: (why: DialogEnd) => void): void;
  /** What an INFO deserves. Without a handler: 200 for an empty one, else 415. */
  onInfo(handler: (contentType: string, body: string) => number): void;
  /** The peer offers a new session: our answer, or undefined for 488. Without a handler the last answer is repeated. */
  onOffer(handler: (sdp: string) => string | undefined): void;
}

export interface CallDialogInternals {
  dialog: CallDialog;
  use: DialogUse;
  state: DialogState;
  /** What is answered to an offer that changes nothing. */
  setSession(sdp: string): void;
  startTimer(timer: SessionTimer | undefined): void;
  end(why: DialogEnd): void;
  /** Requests that only a call being set up understands (PRACK). */
  onPrack?: (request: SipRequest) => ResponseContent;
  onAcknowledged?: (request: SipRequest) => void;
}

const sdpHeaders: readonly Header[] = [["content-type", "application/sdp"]];

/** Makes the use of a dialog and adds it to the stack. */
export function openDialog(stack: Stack, state: DialogState): CallDialogInternals {
  let ended: DialogEnd | undefined;
  let session = "";
  let cancelTimer: (() => void) | undefined;
  /** A re-INVITE of ours is under way: the peer's gets 491 (RFC 3261 §14.2). */
  let offering = false;
  let answering: InviteServerTransaction | undefined;
  const endHandlers: ((why: DialogEnd) => void)[] = [];
  let infoHandler: ((contentType: string, body: string) => number) | undefined;
  let offerHandler: ((sdp: string) => string | undefined) | undefined;

  const end = (why: DialogEnd) => {
    if (ended) return;
    ended = why;
    cancelTimer?.();
    stack.removeDialog(use);
    for (const handler of endHandlers) handler(why);
  };

  const send = (method: string, extra: readonly Header[] = [], body = "") => {
    const branch = newBranch();
    const headers = [
      ...dialogHeaders(state, method, stack.via(state.flow, branch), stack.contact(state.flow)),
      ...extra,
    ];
    return stack.send(state.flow, method, state.remoteTarget, headers, branch, body);
  };

  const bye = (why: DialogEnd, reason?: { cause: number; text: string }) => {
    if (ended) return;
    const extra: Header[] = reason ? [["reason", `SIP;cause=${reason.cause};text="${reason.text}"`]] : []; // RFC 3326
    // Its answer changes nothing: the dialog is over when BYE leaves (RFC 3261 §15.1.1).
    send("BYE", extra).catch(() => end(why));
    end(why);
  };

  const startTimer = (timer: SessionTimer | undefined) => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (!timer) return;
    const { interval, refresher } = timer;
    if (refresher === "peer") {
      // RFC 4028 §10: a little before the end, but not more than a third of the interval.
      cancelTimer = stack.clock.after((interval - Math.min(32, interval / 3)) * 1000, () =>
        bye("session-expired", { cause: 408, text: "Session expired" }),
      );
      return;
    }
    cancelTimer = stack.clock.after(interval * 500, () => {
      send("UPDATE", [
        ["session-expires", `${interval};refresher=uac`],
        ["supported", "timer"],
      ]).then(
        ({ status }) =>
          status < 300 ? startTimer(timer) : bye("session-expired", { cause: 408, text: "Session expired" }),
        () => end("flow-lost"),
      );
    });
  };

  const answerOffer = (request: SipRequest): ResponseContent => {
    const timer = answerTimer(request);
    if (timer.kind === "too-small") return { status: 422, headers: [["min-se", String(minimumInterval)]] };
    const offer = request.body;
    const answer =
      offer === "" ? (request.method === "UPDATE" ? "" : session) : offerHandler ? offerHandler(offer) : session;
    if (answer === undefined) return { status: 488 };
    if (answer !== "") session = answer;
    const target = addressOf(request, "contact");
    if (target) state.remoteTarget = target.uri.text;
    if (timer.kind === "timer") startTimer(timer.timer);
    return {
      status: 200,
      headers: [
        ["contact", stack.contact(state.flow)],
        ...(timer.kind === "timer"
          ? ([
              ["session-expires", writeTimer(timer.timer)],
              ["require", "timer"],
            ] as const)
          : []),
        ...(answer === "" ? [] : sdpHeaders),
      ],
      body: answer,
    };
  };

  const use: DialogUse = {
    state,
    request(request, respond, invite) {
      const refused = inspect(request);
      if (refused) return respond(refused);
      if (!takeRequest(state, request)) return respond({ status: 500, reason: "CSeq Out Of Order" });
      switch (request.method) {
        case "INVITE": {
          if (offering) return respond({ status: 491 });
          if (answering?.state() === "proceeding") return respond({ status: 500, headers: [["retry-after", "2"]] });
          answering = invite;
          return respond(answerOffer(request));
        }
        case "UPDATE":
          return respond(offering ? { status: 491 } : answerOffer(request));
        case "BYE":
          respond({ status: 200 });
          return end("bye-received");
        case "INFO": {
          const contentType = (header(request, "content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
          const status = infoHandler ? infoHandler(contentType, request.body) : request.body === "" ? 200 : 415;
          return respond({ status });
        }
        case "PRACK":
          return respond(internals.onPrack?.(request) ?? { status: 481 });
        case "OPTIONS":
          return respond({ status: 200 });
        default:
          return respond({ status: 405, headers: [["allow", "INVITE, ACK, BYE, INFO, UPDATE, PRACK, OPTIONS"]] });
      }
    },
    acknowledged(request) {
      answering?.confirmed();
      internals.onAcknowledged?.(request);
    },
    flowEnded: () => end("flow-lost"),
  };

  const offer = (sdp: string): Promise<SipResponse> =>
    new Promise((resolve, reject) => {
      offering = true;
      const branch = newBranch();
      const cseq = ++state.localCseq;
      const headers = [
        ...dialogHeaders(state, "INVITE", stack.via(state.flow, branch), stack.contact(state.flow), cseq),
        ...sdpHeaders,
      ];
      const text = writeRequest("INVITE", state.remoteTarget, headers, sdp);
      const own = parse(text);
      if (!own.ok || own.message.kind !== "request") return reject(new Error("we wrote a malformed re-INVITE"));
      const transaction = inviteClientTransaction({
        request: own.message,
        clock: stack.clock,
        send: (more) => state.flow.send(more),
        onResponse(response) {
          if (response.status < 200) return;
          offering = false;
          if (response.status < 300) {
            session = sdp;
            sendAck(stack, state, cseq);
            startTimer(acceptedTimer(response));
          } else if (response.status === 481 || response.status === 408) end("flow-lost"); // §14.1: the dialog is gone
          resolve(response);
        },
        onFailure(failure) {
          offering = false;
          reject(new NoResponse(failure));
        },
        onTerminated: () => stack.endClient(branch, "INVITE"),
      });
      stack.startClient(state.flow, branch, "INVITE", transaction, text);
    });

  const internals: CallDialogInternals = {
    state,
    use,
    end,
    startTimer,
    setSession: (sdp) => {
      session = sdp;
    },
    dialog: {
      callId: state.callId,
      bye: (reason) => bye("bye-sent", reason),
      info: (contentType, body) => send("INFO", [["content-type", contentType]], body),
      offer,
      onEnd: (handler) => (ended ? handler(ended) : void endHandlers.push(handler)),
      onInfo: (handler) => {
        infoHandler = handler;
      },
      onOffer: (handler) => {
        offerHandler = handler;
      },
    },
  };
  stack.addDialog(use);
  return internals;
}

/** The ACK of a 2xx: a request of its own in the dialog, with its INVITE's CSeq (RFC 3261 §13.2.2.4). */
export function sendAck(stack: Stack, state: DialogState, cseq: number): void {
  const branch = newBranch();
  state.flow.send(
    writeRequest(
      "ACK",
      state.remoteTarget,
      dialogHeaders(state, "ACK", stack.via(state.flow, branch), stack.contact(state.flow), cseq),
    ),
  );
}
