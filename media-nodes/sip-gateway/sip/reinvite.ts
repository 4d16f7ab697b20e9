/** One re-INVITE of ours within a dialog (RFC 3261 §14.1): sent, answered, acknowledged. */
import { sendAck } from "./ack.ts";
import { type DialogState, dialogHeaders } from "./dialog.ts";
import { newBranch } from "./identifiers.ts";
import type { Header, SipResponse } from "./message.ts";
import { writeRequest } from "./serialise.ts";
import { NoResponse, ownRequest, type Stack } from "./stack.ts";
import { inviteClientTransaction } from "./transaction/client.ts";

/** Sends it; resolves with its final response, rejects with {@link NoResponse}. */
export function reinvite(
  stack: Stack,
  state: DialogState,
  sdp: string,
  extra: readonly Header[],
): Promise<SipResponse> {
  return new Promise((resolve, reject) => {
    const branch = newBranch();
    const cseq = ++state.localCseq;
    const text = writeRequest(
      "INVITE",
      state.remoteTarget,
      [
        ...dialogHeaders(state, "INVITE", stack.via(state.flow, branch), stack.contact(state.flow), cseq),
        ...extra,
        ["content-type", "application/sdp"],
      ],
      sdp,
    );
    const transaction = inviteClientTransaction({
      request: ownRequest(text),
      clock: stack.clock,
      send: (more) => state.flow.send(more),
      onResponse(response) {
        if (response.status < 200) return;
        if (response.status < 300) sendAck(stack, state, cseq); // each time it comes: the ACK may have been lost
        resolve(response);
      },
      onFailure: (failure) => reject(new NoResponse(failure)),
      onTerminated: () => stack.endClient(branch, "INVITE"),
    });
    stack.startClient(state.flow, branch, "INVITE", transaction, text);
  });
}
