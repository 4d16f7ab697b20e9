/** Client transactions over a reliable transport (RFC 3261 §17.1, RFC 6026 §8.4). */
import { type Clock, transactionTime } from "../clock.ts";
import { header, type SipRequest, type SipResponse } from "../message.ts";
import { writeNegativeAck } from "../serialise.ts";

/** What a client transaction ends with where no response ends it. */
export type ClientFailure = "timeout" | "flow-ended";

export interface ClientTransactionOptions {
  request: Pick<SipRequest, "uri" | "callId" | "cseq" | "headers" | "method">;
  clock: Clock;
  send(text: string): void;
  onResponse(response: SipResponse): void;
  onFailure(failure: ClientFailure): void;
  onTerminated(): void;
}

export interface ClientTransaction {
  received(response: SipResponse): void;
  /** The flow under it has ended. */
  flowEnded(): void;
}

/** Non-INVITE: one final response or a time-out after 32 s (timer F). */
export function clientTransaction(options: ClientTransactionOptions): ClientTransaction {
  let isOver = false;
  const finish = (work: () => void) => {
    if (isOver) return;
    isOver = true;
    cancelTimer();
    options.onTerminated();
    work();
  };
  const cancelTimer = options.clock.after(transactionTime, () => finish(() => options.onFailure("timeout")));
  return {
    received(response) {
      if (isOver) return;
      if (response.status < 200) options.onResponse(response);
      else finish(() => options.onResponse(response));
    },
    flowEnded: () => finish(() => options.onFailure("flow-ended")),
  };
}

/**
 * INVITE: provisional responses keep it alive without end (the caller's ring limit ends it by CANCEL); ≥ 300 is
 * acknowledged here; every 2xx is handed on, repeated ones too, since its ACK is the dialog's (RFC 6026 §7.2).
 */
export function inviteClientTransaction(options: ClientTransactionOptions): ClientTransaction {
  let state: "calling" | "proceeding" | "accepted" | "terminated" = "calling";
  let cancelTimer = options.clock.after(transactionTime, () => {
    terminate();
    options.onFailure("timeout");
  });
  const terminate = () => {
    cancelTimer();
    state = "terminated";
    options.onTerminated();
  };
  return {
    received(response) {
      if (state === "terminated") return;
      if (response.status < 200) {
        if (state === "accepted") return;
        if (state === "calling") cancelTimer();
        state = "proceeding";
        options.onResponse(response);
      } else if (response.status < 300) {
        if (state !== "accepted") {
          cancelTimer();
          state = "accepted";
          cancelTimer = options.clock.after(transactionTime, terminate); // timer M
        }
        options.onResponse(response);
      } else if (state !== "accepted") {
        options.send(writeNegativeAck(options.request, header(response, "to") ?? ""));
        terminate(); // timer D is zero over a reliable transport
        options.onResponse(response);
      }
    },
    flowEnded() {
      if (state === "terminated") return;
      const wasAccepted = state === "accepted";
      terminate();
      if (!wasAccepted) options.onFailure("flow-ended");
    },
  };
}
