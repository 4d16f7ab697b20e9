/** Which transaction a request belongs to (RFC 3261 §17.2.3). */
import type { SipMessage, SipRequest } from "../message.ts";

const magicCookie = "z9hG4bK";

export const branchOf = ({ via: [top] }: SipMessage) => top?.params.get("branch") ?? "";

/** Whether the sender makes its branches unique, as RFC 3261 asks; `z9hG4bK` alone is a promise without content. */
export function hasUniqueBranch(message: SipMessage): boolean {
  const branch = branchOf(message);
  return branch.startsWith(magicCookie) && branch.length > magicCookie.length;
}

/**
 * The key that an INVITE shares with its CANCEL and its ACK ≥ 300, and no other request: branch and sent-by, or what
 * RFC 2543 left to compare. Without the method, which the caller adds.
 */
export function transactionKey(request: SipRequest): string {
  const [top] = request.via;
  const sentBy = `${top?.host.toLowerCase()}:${top?.port ?? ""}`;
  if (hasUniqueBranch(request)) return `${branchOf(request)}\n${sentBy}`;
  const { callId, cseq, from } = request;
  return ["2543", callId, cseq.number, from.params.get("tag") ?? "", sentBy, branchOf(request)].join("\n");
}
