/** A confirmed or early dialog of a call: BYE, INFO, re-INVITE and UPDATE both ways, and the session timer. */
import { type DialogState, dialogHeaders, refreshTarget, takeRequest } from "./dialog.ts";
import { newBranch } from "./identifiers.ts";
import { inspect } from "./inspect.ts";
import { type Header, header, type SipRequest, type SipResponse, tokens } from "./message.ts";
import { reinvite } from "./reinvite.ts";
import type { ResponseContent } from "./serialise.ts";
import {
  acceptedTimer,
  answerTimer,
  givenUpAfter,
  minimumInterval,
  refreshAfter,
  type SessionTimer,
  timerHeaders,
} from "./session-timer.ts";
import type { DialogUse, Stack } from "./stack.ts";
import type { InviteServerTransaction } from "./transaction/server.ts";

/** Why a dialog ended: the peer's BYE, ours, a lost flow, no ACK, or a session nobody refreshed. */
export type DialogEnd = "bye-received" | "bye-sent" | "flow-lost" | "unacknowledged" | "session-expired";

/** What an offer within the dialog comes to: our answer, or why the session stays as it is (488, or 503 without ports). */
export type OfferOutcome = { ok: true; sdp: string } | { ok: false; status: number; reason: string };

export interface CallDialog {
  readonly callId: string;
  /** Says BYE and ends the dialog at once, whatever the peer answers. */
  bye(reason?: { cause: number; text: string }): void;
  info(contentType: string, body: string): Promise<SipResponse>;
  /**
   * Offers a new session by re-INVITE. Resolves with the final response. Waits for an offer of ours under way; where it
   * crosses the peer's (491) it is made again after the time RFC 3261 §14.1 says, three times at most.
   */
  offer(sdp: string): Promise<SipResponse>;
  onEnd(handler: (why: DialogEnd) => void): void;
  /** What an INFO deserves. Without a handler: 200 for an empty one, else 415. */
  onInfo(handler: (contentType: string, body: string) => number): void;
  /** The peer offers a new session (hold, another address, other media). Without a handler an offer is refused with 488. */
  onOffer(handler: (sdp: string) => Promise<OfferOutcome>): void;
}

export interface CallDialogInternals {
  dialog: CallDialog;
  use: DialogUse;
  state: DialogState;
  /** Our side of the session: what a re-INVITE without an offer is answered with. */
  setSession(sdp: string): void;
  /** Whether the offer of the INVITE itself has not been answered for good: nobody may make another (RFC 3311 §5.1). */
  isUnanswered: boolean;
  startTimer(timer: SessionTimer | undefined): void;
  /** Whether the peer's Allow names UPDATE; without it a session is refreshed by re-INVITE. */
  setPeerAllows(message: { headers: readonly Header[] }): void;
  /** Ends the dialog without a BYE. */
  end(why: DialogEnd): void;
  /** Ends it with one. */
  bye(why: DialogEnd): void;
  /** Requests that only a call being set up understands (PRACK). */
  onPrack?: (request: SipRequest) => ResponseContent;
  onAcknowledged?: (request: SipRequest) => void;
}

const sdpHeaders: readonly Header[] = [["content-type", "application/sdp"]];
const notAcceptable = { status: 488, reason: "Not Acceptable Here" };
/** Another request came before this one had its answer (RFC 3261 §14.2, RFC 3311 §5.2): try again in seconds. */
const tooSoon: ResponseContent = { status: 500, headers: [["retry-after", "2"]] };
const sessionExpired = { cause: 408, text: "Session expired" };

/** Makes the use of a dialog and adds it to the stack. */
export function openDialog(stack: Stack, state: DialogState): CallDialogInternals {
  let ended: DialogEnd | undefined;
  let session = "";
  let peerUpdates = false;
  let cancelTimer: (() => void) | undefined;
  /** Our offers, one after another and after the peer's; while one is under way the peer's gets 491 (RFC 3261 §14.2). */
  let offers: Promise<unknown> = Promise.resolve();
  let isOffering = false;
  let isAnswering = false;
  let reinvited: InviteServerTransaction | undefined;
  const endHandlers: ((why: DialogEnd) => void)[] = [];
  let infoHandler: ((contentType: string, body: string) => number) | undefined;
  let offerHandler: (sdp: string) => Promise<OfferOutcome> = async () => ({ ok: false, ...notAcceptable });

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

  const refresh = ({ interval }: SessionTimer): Promise<SipResponse> => {
    const headers: Header[] = [
      ["session-expires", `${interval};refresher=uac`],
      ["supported", "timer"],
    ];
    return peerUpdates ? send("UPDATE", headers) : offer(session, headers);
  };

  const startTimer = (timer: SessionTimer | undefined) => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (!timer || ended) return;
    if (timer.refresher === "peer") {
      cancelTimer = stack.clock.after(givenUpAfter(timer.interval), () => bye("session-expired", sessionExpired));
      return;
    }
    cancelTimer = stack.clock.after(refreshAfter(timer.interval), () => {
      refresh(timer).then(
        (response) => {
          // Who refreshes from now on is the answer's to say; without a word everything stays (RFC 4028 §7.2).
          if (response.status < 300) startTimer(acceptedTimer(response) ?? timer);
          else if (response.status === 422)
            startTimer({ ...timer, interval: Math.max(timer.interval, Number(header(response, "min-se")) || 0) });
          else bye("session-expired", sessionExpired);
        },
        () => end("flow-lost"),
      );
    });
  };

  /** Our side after this request: a re-INVITE without an offer wants one, an UPDATE without one only refreshes. */
  const sessionAfter = async ({ method, body }: SipRequest): Promise<OfferOutcome> => {
    if (body === "") return { ok: true, sdp: method === "UPDATE" ? "" : session };
    return offerHandler(body);
  };

  const answerRefresh = async (request: SipRequest): Promise<ResponseContent> => {
    const timer = answerTimer(request);
    if (timer.kind === "too-small") return { status: 422, headers: [["min-se", String(minimumInterval)]] };
    const outcome = await sessionAfter(request);
    if (ended) return { status: 487 };
    if (!outcome.ok) return outcome;
    const { sdp } = outcome;
    if (sdp !== "") session = sdp;
    refreshTarget(state, request);
    if (timer.kind === "timer") startTimer(timer.timer);
    return {
      status: 200,
      headers: [["contact", stack.contact(state.flow)], ...timerHeaders(timer), ...(sdp === "" ? [] : sdpHeaders)],
      body: sdp,
    };
  };

  /** Takes a re-INVITE or UPDATE of the peer's, of which one at a time may be under way. */
  const takeRefresh = (request: SipRequest, respond: (content: ResponseContent) => void) => {
    isAnswering = true;
    const done = answerRefresh(request)
      .catch((error: unknown): ResponseContent => {
        stack.onError(error);
        return { status: 500 };
      })
      .then((content) => {
        isAnswering = false;
        respond(content);
      });
    offers = Promise.all([offers, done]);
  };

  const use: DialogUse = {
    state,
    request(request, respond, invite) {
      const refused = inspect(request);
      if (refused) return respond(refused);
      if (!takeRequest(state, request)) return respond({ status: 500, reason: "CSeq Out Of Order" });
      switch (request.method) {
        case "INVITE":
          if (isOffering) return respond({ status: 491 });
          if (isAnswering) return respond(tooSoon);
          reinvited = invite;
          invite?.onUnacknowledged(() => bye("unacknowledged")); // §14.2
          return takeRefresh(request, respond);
        case "UPDATE":
          if (isOffering && request.body !== "") return respond({ status: 491 }); // RFC 3311 §5.2
          if (isAnswering || (internals.isUnanswered && request.body !== "")) return respond(tooSoon);
          return takeRefresh(request, respond);
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
      reinvited?.confirmed();
      internals.onAcknowledged?.(request);
    },
    flowEnded: () => end("flow-lost"),
  };

  const offerOnce = async (sdp: string, headers: readonly Header[]): Promise<SipResponse> => {
    isOffering = true;
    try {
      const response = await reinvite(stack, state, sdp, headers);
      if (response.status < 300) {
        session = sdp;
        refreshTarget(state, response);
        const timer = acceptedTimer(response);
        if (timer) startTimer(timer);
      } else if (response.status === 481 || response.status === 408) end("flow-lost"); // §14.1: the dialog is gone
      return response;
    } finally {
      isOffering = false;
    }
  };

  const offer = (sdp: string, headers: readonly Header[] = []): Promise<SipResponse> => {
    const work = async () => {
      let response = await offerOnce(sdp, headers);
      for (let again = 1; response.status === 491 && again < 3 && !ended; again++) {
        await new Promise<void>((resolve) => stack.clock.after(retryAfter(state.isCaller), resolve));
        if (!ended) response = await offerOnce(sdp, headers);
      }
      return response;
    };
    const result = offers.then(work);
    offers = result.catch(() => {});
    return result;
  };

  const internals: CallDialogInternals = {
    state,
    use,
    end,
    bye,
    startTimer,
    isUnanswered: false,
    setSession: (sdp) => {
      session = sdp;
    },
    setPeerAllows: (message) => {
      peerUpdates = tokens(message, "allow").includes("update");
    },
    dialog: {
      callId: state.callId,
      bye: (reason) => bye("bye-sent", reason),
      info: (contentType, body) => send("INFO", [["content-type", contentType]], body),
      offer: (sdp) => offer(sdp),
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

/** How long to wait after a 491 (RFC 3261 §14.1): longer for who made the Call-ID. Milliseconds. */
function retryAfter(isCaller: boolean): number {
  return isCaller ? 2_100 + 10 * Math.floor(Math.random() * 191) : 10 * Math.floor(Math.random() * 200);
}
