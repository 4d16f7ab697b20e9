/** The station's pictures in a call: the one that fills the place, and the one beside it where another camera is shown. */
import { useState } from "react";
import type { RoomView } from "./room.ts";

export interface Pictures {
  shown: MediaStreamTrack | undefined;
  /** Absent: the station shows one picture. */
  other: MediaStreamTrack | undefined;
  /** @returns false: there is nothing to swap */
  swap(): boolean;
}

export function usePictures(view: RoomView | undefined): Pictures {
  const [swapped, setSwapped] = useState(false);
  const { remoteVideo, secondVideo } = view ?? {};
  const turned = swapped && secondVideo !== undefined;
  return {
    shown: turned ? secondVideo : remoteVideo,
    other: turned ? remoteVideo : secondVideo,
    swap() {
      if (!secondVideo) return false;
      setSwapped(!swapped);
      return true;
    },
  };
}
