/** Looks at the sound that is received, once a second: how good it is, and whether it comes at all. */
import type { RemoteTrack } from "livekit-client";
import { bitRate, type Look, lossBetween, type QualityWord, qualityWord, readLook } from "./quality.ts";

/** How often the connection is looked at, and when sound that does not come counts as stopped. Milliseconds. */
const lookEvery = 1_000;
const soundStopped = 2_000;

export interface Quality {
  word: QualityWord;
  /** Milliseconds there and back. */
  roundTrip: number | undefined;
  codec: string | undefined;
  /** Bits a second of sound, as received. */
  bitRate: number | undefined;
}

export interface SoundWatch {
  /** The sound is wanted from now on. */
  start(): void;
  stop(): void;
}

/** @param onFlowing told when the sound stops for two seconds, and when it is back */
export function watchSound(
  track: () => RemoteTrack | undefined,
  onQuality: (quality: Quality) => void,
  onFlowing: (flowing: boolean) => void,
): SoundWatch {
  let timer: ReturnType<typeof setInterval> | undefined;
  let before: Look | undefined;
  let lastSound = 0;
  let flowing = true;

  async function look() {
    const report = await track()
      ?.getRTCStatsReport()
      .catch(() => undefined);
    if (timer === undefined) return;
    const now = performance.now();
    if (report) {
      const seen = readLook(report);
      if (!before || seen.packets !== before.packets) lastSound = now;
      onQuality({
        word: qualityWord({ roundTrip: seen.roundTrip, loss: before ? lossBetween(before, seen) : 0 }),
        roundTrip: seen.roundTrip,
        codec: seen.codec,
        bitRate: before && bitRate(before, seen),
      });
      before = seen;
    }
    const flows = now - lastSound < soundStopped;
    if (flows === flowing) return;
    flowing = flows;
    onFlowing(flows);
  }

  return {
    start() {
      lastSound = performance.now();
      timer ??= setInterval(look, lookEvery);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}
