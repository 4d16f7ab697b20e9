/**
 * What others program against: calls and requests in, calls and requests out, over any number of flows.
 * `createUserAgent` sorts what arrives (RFC 3261 §8.2, §12.2.2, §17.1.3, §17.2.3); the calls themselves are in
 * `incoming-call.ts` and `outgoing-call.ts`.
 */
import type { Clock } from "./clock.ts";
import { dialogKey } from "./dialog.ts";
import type { Flow } from "./flow.ts";
import { newBranch, newTag } from "./identifiers.ts";
import { type IncomingCall, receiveCall } from "./incoming-call.ts";
import { allow, inspect, knownExtensions } from "./inspect.ts";
import type { Header, SipRequest, SipResponse } from "./message.ts";
import { type OutgoingCall, type OutgoingCallOptions, placeCall } from "./outgoing-call.ts";
import { type ResponseContent, writeRequest, writeResponse } from "./serialise.ts";
import { type DialogUse, NoResponse, ownRequest, type Stack } from "./stack.ts";
import { type ClientTransaction, clientTransaction } from "./transaction/client.ts";
import { branchOf, transactionKey } from "./transaction/match.ts";
import {
  type InviteServerTransaction,
  inviteServerTransaction,
  type ServerTransaction,
  serverTransaction,
} from "./transaction/server.ts";

export interface OutgoingRequest {
  method: "REGISTER" | "MESSAGE" | "OPTIONS";
  uri: string;
  /** As written: `<sip:…>`. The same for a REGISTER. */
  from: string;
  to: string;
  /** One Call-ID and rising CSeq for the registrations of one device (RFC 3261 §10.2). */
  callId?: string;
  cseq?: number;
  headers?: readonly Header[];
  contentType?: string;
  body?: string;
}

export interface UserAgentOptions {
  clock: Clock;
  /** The Contact we write on this flow, e.g. `<sip:gateway@host:5061;transport=tls>`. */
  contact(flow: Flow): string;
  /** For Via: our host and port. */
  sentBy: string;
  /** A call comes in on a flow. Refuse or go on with it; nothing has been answered yet but 100. */
  onCall(call: IncomingCall): void;
  onRegister?(request: SipRequest, flow: Flow): ResponseContent;
  onMessage?(request: SipRequest, flow: Flow): ResponseContent;
  /** A handler threw: the request was answered with 500. */
  onError(error: unknown): void;
  /** Another number than {@link mostTransactions}. */
  most?: number;
}

export interface UserAgent {
  attach(flow: Flow): void;
  call(flow: Flow, options: OutgoingCallOptions): OutgoingCall;
  /** Sends a request outside a dialog. Resolves with its final response, whatever it is; rejects with {@link NoResponse}. */
  request(flow: Flow, request: OutgoingRequest): Promise<SipResponse>;
}

/** Requests of one flow that are kept at once, to know them again: far more than a call needs, and what a device can make us hold. */
export const mostTransactions = 100;

/** Makes the user agent. It holds no socket of its own: flows are attached to it. */
export function createUserAgent(options: UserAgentOptions): UserAgent {
  const { clock, most = mostTransactions } = options;
  const servers = new Map<string, InviteServerTransaction | ServerTransaction>();
  const invites = new Map<string, { transaction: InviteServerTransaction; cancelled(): void }>();
  const clients = new Map<string, { transaction: ClientTransaction; flow: Flow }>();
  const dialogs = new Map<string, DialogUse>();
  /** How many of a flow's requests are kept in `servers`. */
  const kept = new WeakMap<Flow, number>();
  /** INVITEs in progress by From tag, Call-ID and CSeq, to find merged ones (RFC 3261 §8.2.2.2). */
  const merged = new Map<string, string>();

  const stack: Stack = {
    clock,
    contact: options.contact,
    onError: options.onError,
    via: (_flow, branch) => `SIP/2.0/TLS ${options.sentBy};branch=${branch};rport`,
    addDialog: (use) => dialogs.set(dialogKey(use.state.callId, use.state.localTag, use.state.remoteTag), use),
    removeDialog: (use) => dialogs.delete(dialogKey(use.state.callId, use.state.localTag, use.state.remoteTag)),
    startClient(flow, branch, method, transaction, text) {
      clients.set(`${branch}\n${method}`, { transaction, flow });
      flow.send(text);
    },
    endClient: (branch, method) => clients.delete(`${branch}\n${method}`),
    send: (flow, method, uri, headers, branch, body = "") =>
      new Promise((resolve, reject) => {
        const text = writeRequest(method, uri, headers, body);
        const transaction = clientTransaction({
          request: ownRequest(text),
          clock,
          send: (more) => flow.send(more),
          onResponse: (response) => response.status >= 200 && resolve(response),
          onFailure: (failure) => reject(new NoResponse(failure)),
          onTerminated: () => stack.endClient(branch, method),
        });
        stack.startClient(flow, branch, method, transaction, text);
      }),
  };

  /** The dialog a request names, if it came over that dialog's own flow: nobody else may speak in it. */
  const dialogOf = ({ callId, to, from }: SipRequest, flow: Flow): DialogUse | undefined => {
    const dialog = dialogs.get(dialogKey(callId, to.params.get("tag") ?? "", from.params.get("tag") ?? ""));
    return dialog?.state.flow === flow ? dialog : undefined;
  };

  const keep = (key: string, flow: Flow, transaction: InviteServerTransaction | ServerTransaction) => {
    servers.set(key, transaction);
    kept.set(flow, (kept.get(flow) ?? 0) + 1);
  };
  const drop = (key: string, flow: Flow) => {
    if (servers.delete(key)) kept.set(flow, (kept.get(flow) ?? 1) - 1);
  };

  /** Runs what others wrote; where it throws the request is answered with 500. */
  const guarded = (work: () => void, respond: (content: ResponseContent) => void) => {
    try {
      work();
    } catch (error) {
      options.onError(error);
      respond({ status: 500 });
    }
  };

  const receiveInvite = (request: SipRequest, flow: Flow, key: string) => {
    const mergeKey = [flow.deviceId, request.from.params.get("tag"), request.callId, request.cseq.number].join("\n");
    const tag = newTag();
    const transaction = inviteServerTransaction({
      request,
      clock,
      send: (text) => flow.send(text),
      onTerminated: () => {
        drop(key, flow);
        invites.delete(key);
        if (merged.get(mergeKey) === key) merged.delete(mergeKey);
      },
    });
    keep(key, flow, transaction);
    const toTag = request.to.params.get("tag");
    if (toTag !== undefined) {
      const dialog = dialogOf(request, flow);
      if (!dialog) return void transaction.respond({ status: 481 });
      const respond = (content: ResponseContent) => void transaction.respond(content);
      return guarded(() => dialog.request(request, respond, transaction), respond);
    }
    if (merged.has(mergeKey)) return void transaction.respond({ status: 482, tag });
    merged.set(mergeKey, key);
    transaction.respond({ status: 100 });
    const { call, cancelled } = receiveCall(stack, flow, request, transaction, tag);
    invites.set(key, { transaction, cancelled });
    guarded(
      () => options.onCall(call),
      ({ status }) => call.reject(status),
    );
  };

  const receiveOther = (request: SipRequest, flow: Flow, key: string) => {
    const transaction = serverTransaction({
      request,
      clock,
      send: (text) => flow.send(text),
      onTerminated: () => drop(key, flow),
    });
    keep(key, flow, transaction);
    const respond = (content: ResponseContent) => void transaction.respond({ tag: newTag(), ...content });
    const toTag = request.to.params.get("tag");
    if (toTag !== undefined && request.method !== "REGISTER") {
      const dialog = dialogOf(request, flow);
      return dialog ? guarded(() => dialog.request(request, respond), respond) : void respond({ status: 481 });
    }
    guarded(() => respond(answerOutside(request, flow)), respond);
  };

  const answerOutside = (request: SipRequest, flow: Flow): ResponseContent => {
    switch (request.method) {
      case "OPTIONS":
        return {
          status: 200,
          headers: [allow, ["accept", "application/sdp"], ["supported", [...knownExtensions].join(", ")]],
        };
      case "REGISTER":
        return options.onRegister?.(request, flow) ?? { status: 405, headers: [allow] };
      case "MESSAGE":
        return options.onMessage?.(request, flow) ?? { status: 405, headers: [allow] };
      default: // BYE, INFO, UPDATE, PRACK live within a dialog only
        return { status: 481 };
    }
  };

  const receiveRequest = (request: SipRequest, flow: Flow) => {
    const key = `${flow.id}\n${transactionKey(request)}`;
    if (request.method === "ACK") {
      const invite = servers.get(`${key}\nINVITE`);
      if (invite && "acknowledged" in invite) invite.acknowledged();
      return dialogOf(request, flow)?.acknowledged(request);
    }
    const ownKey = `${key}\n${request.method}`;
    const known = servers.get(ownKey);
    if (known) return known.repeated();
    const refused = inspect(request);
    if (refused) return flow.send(writeResponse(request, { tag: newTag(), ...refused }));
    if (request.method === "CANCEL") {
      const invite = invites.get(`${key}\nINVITE`);
      flow.send(writeResponse(request, { status: invite ? 200 : 481, tag: newTag() }));
      // Only while no final response went out: otherwise the answer was first and stands (§9.2).
      if (invite?.transaction.state() === "proceeding") invite.cancelled();
      return;
    }
    if ((kept.get(flow) ?? 0) >= most) {
      const retry: Header = ["retry-after", "5"];
      return flow.send(writeResponse(request, { status: 503, tag: newTag(), headers: [retry] }));
    }
    if (request.method === "INVITE") receiveInvite(request, flow, ownKey);
    else receiveOther(request, flow, ownKey);
  };

  return {
    attach(flow) {
      flow.onMessage((message) => {
        try {
          if (message.kind === "request") return receiveRequest(message, flow);
          const client = clients.get(`${branchOf(message)}\n${message.cseq.method}`);
          // A response is believed only on the flow that carried its request.
          if (client?.flow === flow) client.transaction.received(message);
        } catch (error) {
          options.onError(error); // in a handler of a call's; no response is owed
        }
      });
      flow.onEnd(() => {
        for (const client of [...clients.values()]) if (client.flow === flow) client.transaction.flowEnded();
        for (const dialog of [...dialogs.values()]) if (dialog.state.flow === flow) dialog.flowEnded();
      });
    },
    call: (flow, call) => placeCall(stack, flow, call),
    request(flow, request) {
      const branch = newBranch();
      const headers: Header[] = [
        ["via", stack.via(flow, branch)],
        ["max-forwards", "70"],
        ["from", `${request.from};tag=${newTag()}`],
        ["to", request.to],
        ["call-id", request.callId ?? newTag()],
        ["cseq", `${request.cseq ?? 1} ${request.method}`],
        ...(request.headers ?? []),
        ...(request.contentType === undefined ? [] : [["content-type", request.contentType] as const]),
      ];
      return stack.send(flow, request.method, request.uri, headers, branch, request.body);
    },
  };
}
