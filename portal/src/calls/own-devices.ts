/** Own microphone and camera in a call, as its stage and its strip both show and switch them. */
import { useLiveClient } from "../live/hooks.ts";
import type { StagedCall } from "./staged-call.ts";
import { useRoom, useRoomView } from "./use-room.ts";

export interface OwnDevices {
  /** The caller does not hear this person: by their wish, or since this tab took the call over and waits for a click. */
  muted: boolean;
  /** There is one to switch. */
  hasMicrophone: boolean;
  toggleMicrophone(): void;
  cameraOn: boolean;
  toggleCamera(): void;
}

export function useOwnDevices(call: StagedCall): OwnDevices {
  const live = useLiveClient();
  const room = useRoom(call.callId);
  const view = useRoomView(call.callId);
  const muted = call.held || view?.microphone === "muted";
  const cameraOn = view?.camera === "on" || view?.camera === "asking";
  return {
    muted,
    hasMicrophone: muted || view?.microphone === "on",
    toggleMicrophone: () => (call.held ? live.takeUp() : room?.setMuted(!muted)),
    cameraOn,
    toggleCamera: () => room?.setCamera(!cameraOn),
  };
}
