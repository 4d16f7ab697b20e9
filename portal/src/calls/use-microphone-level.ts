/** The microphone while it rings: which one, and how loud it hears. Nothing of it leaves this browser. */
import { useEffect, useState } from "react";
import { shareMicrophone } from "./capture.ts";
import { listenTo, meterLevel } from "./listen.ts";

export interface Heard {
  device: string;
  /** 0 to 1. */
  level: number;
}

/** @param active only where the browser has already been allowed: a meter must not be what asks */
export function useMicrophoneLevel(active: boolean): Heard | undefined {
  const [heard, setHeard] = useState<Heard>();
  useEffect(() => {
    if (!active) return;
    let over = false;
    let close = () => {};
    void shareMicrophone().then((captured) => {
      if (!("track" in captured)) return;
      const { track } = captured;
      if (over) return track.stop();
      const stop = listenTo(track, (peak) => setHeard({ device: track.label, level: meterLevel(peak) }));
      close = () => {
        stop();
        track.stop();
      };
    });
    return () => {
      over = true;
      close();
      setHeard(undefined);
    };
  }, [active]);
  return heard;
}
