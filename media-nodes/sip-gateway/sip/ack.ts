/** The ACK of a 2xx (RFC 3261 §13.2.2.4). */
import { type DialogState, dialogHeaders } from "./dialog.ts";
import { newBranch } from "./identifiers.ts";
import { writeRequest } from "./serialise.ts";
import type { Stack } from "./stack.ts";

/** Sends it: a request of its own in the dialog, with its INVITE's CSeq. */
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
