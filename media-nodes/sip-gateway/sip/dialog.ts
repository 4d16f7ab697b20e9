/** Dialogs (RFC 3261 §12): who the two ends are, and what a request within one looks like. */
import { addressOf } from "./address.ts";
import type { Flow } from "./flow.ts";
import { type Header, header, headers, type SipMessage, type SipRequest, type SipResponse } from "./message.ts";

export interface DialogState {
  readonly flow: Flow;
  /** We made the Call-ID: after crossing offers we wait longer than the peer (RFC 3261 §14.1). */
  readonly isCaller: boolean;
  readonly callId: string;
  readonly localTag: string;
  remoteTag: string;
  /** From and To as we write them, without tags. */
  readonly local: string;
  readonly remote: string;
  /** Where requests go: the peer's Contact. */
  remoteTarget: string;
  routeSet: readonly string[];
  localCseq: number;
  /** The highest CSeq the peer used; undefined before its first request. */
  remoteCseq: number | undefined;
}

/** The key under which a dialog is found: Call-ID, our tag, the peer's tag. */
export const dialogKey = (callId: string, localTag: string, remoteTag: string) =>
  `${callId}\n${localTag}\n${remoteTag}`;

/** An address without its tag, for writing it again. */
function untagged(value: string): string {
  return value.replace(/;\s*tag\s*=\s*[^;>\s]+\s*$/i, "").replace(/;\s*tag\s*=\s*[^;>]+(?=;[^>]*$)/i, "");
}

/** The dialog that our 101-299 response to `request` makes (§12.1.1). */
export function serverDialog(flow: Flow, request: SipRequest, localTag: string): DialogState {
  return {
    flow,
    isCaller: false,
    callId: request.callId,
    localTag,
    remoteTag: request.from.params.get("tag") ?? "",
    local: untagged(header(request, "to") ?? ""),
    remote: untagged(header(request, "from") ?? ""),
    remoteTarget: withoutHeaders(addressOf(request, "contact")?.uri.text ?? request.from.uri.text),
    routeSet: headers(request, "record-route"),
    localCseq: 0,
    remoteCseq: request.cseq.number,
  };
}

/** The dialog that a response to our INVITE makes (§12.1.2). */
export function clientDialog(
  flow: Flow,
  invite: { from: string; to: string; callId: string; localTag: string; cseq: number },
  response: SipResponse,
): DialogState {
  return {
    flow,
    isCaller: true,
    callId: invite.callId,
    localTag: invite.localTag,
    remoteTag: response.to.params.get("tag") ?? "",
    local: invite.from,
    remote: invite.to,
    remoteTarget: withoutHeaders(addressOf(response, "contact")?.uri.text ?? response.to.uri.text),
    routeSet: headers(response, "record-route").reverse(),
    localCseq: invite.cseq,
    remoteCseq: undefined,
  };
}

/** The header fields of a request within the dialog; counts its CSeq up but for ACK, which repeats its INVITE's. */
export function dialogHeaders(
  dialog: DialogState,
  method: string,
  via: string,
  contact: string,
  cseq?: number,
): Header[] {
  const number = cseq ?? ++dialog.localCseq;
  return [
    ["via", via],
    ["max-forwards", "70"],
    ["from", `${dialog.local};tag=${dialog.localTag}`],
    ["to", dialog.remoteTag === "" ? dialog.remote : `${dialog.remote};tag=${dialog.remoteTag}`],
    ["call-id", dialog.callId],
    ["cseq", `${number} ${method}`],
    ["contact", contact],
    ...dialog.routeSet.map((value): Header => ["route", value]),
  ];
}

/** Takes the peer's new Contact, which a target refresh (INVITE, UPDATE and their 2xx) may carry (§12.2). */
export function refreshTarget(dialog: DialogState, message: SipMessage) {
  const target = addressOf(message, "contact");
  if (target) dialog.remoteTarget = withoutHeaders(target.uri.text);
}

/** A URI as it may stand in a request line: without header fields after a question mark (§19.1.1). */
export function withoutHeaders(uri: string): string {
  const question = uri.indexOf("?", Math.max(uri.lastIndexOf("@"), 0));
  return question < 0 ? uri : uri.slice(0, question);
}

/** Whether a request may come next in the dialog (§12.2.2): its CSeq must rise. */
export function takeRequest(dialog: DialogState, request: SipRequest): boolean {
  if (dialog.remoteCseq !== undefined && request.cseq.number <= dialog.remoteCseq) return false;
  dialog.remoteCseq = request.cseq.number;
  return true;
}
