/** What the stage shows: a call, and before it the ring that was answered here. */
import type { MyCall, Ring } from "../live/state.ts";

/** `answering`: this browser said that it answers, and the edge has not said who was first. */
export type StagedCall = Omit<MyCall, "phase"> & { phase: MyCall["phase"] | "answering" };

/**
 * The stage comes up with the click on "Answer" and not with the edge's word. Making it takes the page longer than the edge takes,
 * and the microphone would wait for it.
 */
export function stagedRing({
  callId,
  deviceId,
  door,
  site,
  camera,
  pressedAt,
  snapshotUrl,
  mayOpen,
}: Ring): StagedCall {
  return {
    callId,
    deviceId,
    door,
    site,
    camera,
    snapshotUrl,
    mayOpen,
    direction: "from-station",
    phase: "answering",
    held: false,
    startedAt: pressedAt,
    warned: false,
  };
}
