/**
 * What others program against: calls and requests in, calls and requests out, over any number of flows.
 * `createUserAgent` sorts what arrives (RFC 3261 §8.2, §12.2.2, §17.1.3, §17.2.3); the calls themselves are in
 * `incoming-call.ts` and `outgoing-call.ts`.
 */
import type { Clock } from "./clock.ts";
import { type DialogState, dialogKey, newBranch, newTag } from "./dialog.ts";
import type { Flow } from "./flow.ts";
import { type IncomingCall, receiveCall } from "./incoming-call.ts";
import { type Header, header, type SipMessage, type SipRequest, type SipResponse, tokens } from "./message.ts";
import { type OutgoingCall, type OutgoingCallOptions, placeCall } from "./outgoing-call.ts";
import { addressOf, parse } from "./parse.ts";
import { type ResponseContent, writeRequest, writeResponse } from "./serialise.ts";
import { type ClientFailure, type ClientTransaction, clientTransaction } from "./transaction/client.ts";
import {
  type InviteServerTransaction,
  inviteServerTransaction,
  type ServerTransaction,
  serverTransaction,
} from "./transaction/server.ts";

export const allowedMethods = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK, MESSAGE, REGISTER";
/** The extensions we know: RFC 5626, 4028, 3262, 3327's path and 5627's gruu are offered by phones and may be required. */
const knownExtensions = new Set(["outbound", "timer", "100rel", "path", "gruu"]);

/** Thrown where a request of ours got no response. */
export class NoResponse extends Error {
  readonly failure: ClientFailure;
  constructor(failure: ClientFailure) {
    super(failure === "timeout" ? "no response" : "the connection ended");
    this.failure = failure;
  }
}

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
}

export interface UserAgent {
  attach(flow: Flow): void;
  call(flow: Flow, options: OutgoingCallOptions): OutgoingCall;
  /** Sends a request outside a dialog. Resolves with its final response, whatever it is; rejects with {@link NoResponse}. */
  request(flow: Flow, request: OutgoingRequest): Promise<SipResponse>;
}

/** A dialog in use: what its requests mean is its call's business. */
export interface DialogUse {
  state: DialogState;
  /** Answers a request within the dialog. INVITEs come with their transaction. */
  request(request: SipRequest, respond: (content: ResponseContent) => void, invite?: InviteServerTransaction): void;
  acknowledged(request: SipRequest): void;
  flowEnded(): void;
}

/** What calls need of their user agent. */
export interface Stack {
  clock: Clock;
  contact(flow: Flow): string;
  via(flow: Flow, branch: string): string;
  addDialog(use: DialogUse): void;
  removeDialog(use: DialogUse): void;
  /** Registers a client transaction for responses; `text` is sent at once. */
  startClient(flow: Flow, branch: string, method: string, transaction: ClientTransaction, text: string): void;
  endClient(branch: string, method: string): void;
  /** Sends a request in a dialog and resolves with its final response. */
  send(
    flow: Flow,
    method: string,
    uri: string,
    headers: readonly Header[],
    branch: string,
    body?: string,
  ): Promise<SipResponse>;
}

const sentByOf = ({ via: [top] }: SipMessage) => `${top?.host}:${top?.port ?? ""}`;
const branchOf = ({ via: [top] }: SipMessage) => top?.params.get("branch") ?? "";

/** Reads a request of our own writing: what a transaction needs of it. */
function ownRequest(text: string): SipRequest {
  const result = parse(text);
  if (!result.ok || result.message.kind !== "request")
    throw new Error(`we wrote a malformed request: ${result.ok ? "a response" : result.reason}`);
  return result.message;
}

/** What refuses a request before anyone looks at its meaning (RFC 3261 §8.2.1-3); undefined where nothing does. */
export function inspect(request: SipRequest): ResponseContent | undefined {
  if (request.uri.scheme !== "sip" && request.uri.scheme !== "sips") return { status: 416 };
  if (request.uri.text.includes("?")) return { status: 400, reason: "Headers In Request-URI" };
  if (!allowedMethods.split(", ").includes(request.method))
    return { status: 405, headers: [["allow", allowedMethods]] };
  const unknown = tokens(request, "require").filter((tag) => !knownExtensions.has(tag));
  if (unknown.length > 0) return { status: 420, headers: [["unsupported", unknown.join(", ")]] };
  if (header(request, "content-encoding") !== undefined && request.body !== "")
    return { status: 415, headers: [["accept-encoding", "identity"]] };
  if (request.method === "INVITE" && !addressOf(request, "contact")) return { status: 400, reason: "Contact Missing" };
  if (request.from.params.get("tag") === undefined && request.method === "INVITE")
    return { status: 400, reason: "From Tag Missing" };
  return undefined;
}

/** Makes the user agent. It holds no socket of its own: flows are attached to it. */
export function createUserAgent(options: UserAgentOptions): UserAgent {
  const { clock } = options;
  const servers = new Map<string, InviteServerTransaction | ServerTransaction>();
  const invites = new Map<string, { transaction: InviteServerTransaction; cancelled(): void }>();
  const clients = new Map<string, { transaction: ClientTransaction; flow: Flow }>();
  const dialogs = new Map<string, DialogUse>();
  /** INVITEs in progress by From tag, Call-ID and CSeq, to find merged ones (RFC 3261 §8.2.2.2). */
  const merged = new Map<string, string>();

  const stack: Stack = {
    clock,
    contact: options.contact,
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

  const receiveInvite = (request: SipRequest, flow: Flow, key: string) => {
    const mergeKey = `${request.from.params.get("tag")}\n${request.callId}\n${request.cseq.number}`;
    const tag = newTag();
    const transaction = inviteServerTransaction({
      request,
      clock,
      send: (text) => flow.send(text),
      onTerminated: () => {
        servers.delete(key);
        invites.delete(key);
        if (merged.get(mergeKey) === key) merged.delete(mergeKey);
      },
    });
    servers.set(key, transaction);
    const toTag = request.to.params.get("tag");
    if (toTag !== undefined) {
      const dialog = dialogs.get(dialogKey(request.callId, toTag, request.from.params.get("tag") ?? ""));
      if (!dialog) return void transaction.respond({ status: 481 });
      dialog.request(request, (content) => transaction.respond({ tag: toTag, ...content }), transaction);
      return;
    }
    if (merged.has(mergeKey)) return void transaction.respond({ status: 482, tag });
    merged.set(mergeKey, key);
    transaction.respond({ status: 100 });
    const { call, cancelled } = receiveCall(stack, flow, request, transaction, tag);
    invites.set(key, { transaction, cancelled });
    options.onCall(call);
  };

  const receiveOther = (request: SipRequest, flow: Flow, key: string) => {
    const transaction = serverTransaction({
      request,
      clock,
      send: (text) => flow.send(text),
      onTerminated: () => servers.delete(key),
    });
    servers.set(key, transaction);
    const respond = (content: ResponseContent) => transaction.respond({ tag: newTag(), ...content });
    const toTag = request.to.params.get("tag");
    if (toTag !== undefined && request.method !== "REGISTER") {
      const dialog = dialogs.get(dialogKey(request.callId, toTag, request.from.params.get("tag") ?? ""));
      if (dialog) return dialog.request(request, respond);
      return void respond({ status: 481 });
    }
    switch (request.method) {
      case "OPTIONS":
        return void respond({
          status: 200,
          headers: [
            ["allow", allowedMethods],
            ["accept", "application/sdp"],
            ["supported", [...knownExtensions].join(", ")],
          ],
        });
      case "REGISTER":
        return void respond(
          options.onRegister?.(request, flow) ?? { status: 405, headers: [["allow", allowedMethods]] },
        );
      case "MESSAGE":
        return void respond(
          options.onMessage?.(request, flow) ?? { status: 405, headers: [["allow", allowedMethods]] },
        );
      default: // BYE, INFO, UPDATE, PRACK live within a dialog only
        return void respond({ status: 481 });
    }
  };

  const receiveRequest = (request: SipRequest, flow: Flow) => {
    const key = `${flow.id}\n${branchOf(request)}\n${sentByOf(request)}`;
    if (request.method === "ACK") {
      const invite = servers.get(`${key}\nINVITE`);
      if (invite && "acknowledged" in invite) invite.acknowledged();
      dialogs
        .get(dialogKey(request.callId, request.to.params.get("tag") ?? "", request.from.params.get("tag") ?? ""))
        ?.acknowledged(request);
      return;
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
    if (request.method === "INVITE") receiveInvite(request, flow, ownKey);
    else receiveOther(request, flow, ownKey);
  };

  return {
    attach(flow) {
      flow.onMessage((message) => {
        try {
          if (message.kind === "response") {
            const client = clients.get(`${branchOf(message)}\n${message.cseq.method}`);
            // A response is believed only on the flow that carried its request.
            if (client?.flow === flow) client.transaction.received(message);
          } else receiveRequest(message, flow);
        } catch (error) {
          options.onError(error);
          if (message.kind === "request" && message.method !== "ACK")
            flow.send(writeResponse(message, { status: 500, tag: newTag() }));
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
