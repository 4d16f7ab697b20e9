/** Microphone and camera of this browser. */

/** Why a device could not be had. `insecure`: the page came over plain HTTP. `busy` also covers what no browser explains. */
const captureFaults = ["insecure", "refused", "missing", "busy"] as const;
export type CaptureFault = (typeof captureFaults)[number];

export const isFault = (state: string): state is CaptureFault => captureFaults.some((fault) => fault === state);

export type Captured = { track: MediaStreamTrack } | { fault: CaptureFault };

/** Echo is cancelled in the browser: the station has its own, for its own loudspeaker. */
export const captureMicrophone = (): Promise<Captured> =>
  capture({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });

let shared: Promise<Captured> | undefined;

/**
 * The microphone as it is open in this page already, or opened now: opening it takes a tenth of a second, and the meter of a ring has
 * done so by the time of the answer. @returns a track of the caller's own, to be stopped by itself
 */
export async function shareMicrophone(): Promise<Captured> {
  const known = await shared;
  if (known && "track" in known && known.track.readyState === "live") {
    const track = known.track.clone();
    track.enabled = true;
    return { track };
  }
  shared = captureMicrophone();
  return shared;
}

/** As large as a door station's screen; more would only cost the station's network. */
export const captureCamera = (): Promise<Captured> =>
  capture({ video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 20, max: 25 } } });

async function capture(constraints: MediaStreamConstraints): Promise<Captured> {
  if (!navigator.mediaDevices) return { fault: "insecure" };
  try {
    const [track] = (await navigator.mediaDevices.getUserMedia(constraints)).getTracks();
    return track ? { track } : { fault: "missing" };
  } catch (error) {
    return { fault: faultOf(error instanceof DOMException ? error.name : "") };
  }
}

/** @param name of the DOMException that getUserMedia throws */
export function faultOf(name: string): CaptureFault {
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}
