/** What the parts of a user agent share: the calls it holds write and send through this. */
import type { Clock } from "./clock.ts";
import type { DialogState } from "./dialog.ts";
import type { Flow } from "./flow.ts";
import type { Header, SipRequest, SipResponse } from "./message.ts";
import { parse } from "./parse.ts";
import type { ResponseContent } from "./serialise.ts";
import type { ClientFailure, ClientTransaction } from "./transaction/client.ts";
import type { InviteServerTransaction } from "./transaction/server.ts";

/** Thrown where a request of ours got no response. */
export class NoResponse extends Error {
  readonly failure: ClientFailure;
  constructor(failure: ClientFailure) {
    super(failure === "timeout" ? "no response" : "the connection ended");
    this.failure = failure;
  }
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
  /** Something of others' failed that no caller waits for. */
  onError(error: unknown): void;
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

/** Reads a request of our own writing: what a transaction needs of it. */
export function ownRequest(text: string): SipRequest {
  const result = parse(text);
  if (!result.ok || result.message.kind !== "request")
    throw new Error(`we wrote a malformed request: ${result.ok ? "a response" : result.reason}`);
  return result.message;
}
