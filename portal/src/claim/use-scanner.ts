/** The camera that looks for a QR code. Pictures never leave the page. */
import { type RefObject, useEffect, useRef, useState } from "react";

/** How often the picture is looked at. Milliseconds. */
const pace = 150;
/** Wide enough to read a code in, small enough to be read in time. Pixels. */
const width = 640;

/**
 * Runs the camera into `video` while `on`, and calls `found` with every text it reads.
 * @returns true where there is no camera, or it is not allowed
 */
export function useScanner(
  video: RefObject<HTMLVideoElement | null>,
  on: boolean,
  found: (text: string) => void,
): boolean {
  const [refused, setRefused] = useState(false);
  const tell = useRef(found);
  tell.current = found;
  useEffect(() => {
    const element = video.current;
    if (!on || !element) return;
    let stopped = false;
    let timer: number | undefined;
    let stream: MediaStream | undefined;
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });

    async function look(decode: (image: ImageData) => string): Promise<void> {
      if (stopped || !element || !context) return;
      if (element.videoWidth > 0) {
        canvas.width = width;
        canvas.height = Math.round((width * element.videoHeight) / element.videoWidth);
        context.drawImage(element, 0, 0, canvas.width, canvas.height);
        const text = read(decode, context.getImageData(0, 0, canvas.width, canvas.height));
        if (text !== undefined) tell.current(text);
      }
      timer = window.setTimeout(() => void look(decode), pace);
    }

    async function start(): Promise<void> {
      try {
        const [{ default: decode }, opened] = await Promise.all([
          import("qr/decode.js"),
          navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } }),
        ]);
        stream = opened;
        if (stopped || !element) return end();
        element.srcObject = opened;
        await element.play();
        await look(decode);
      } catch {
        if (!stopped) setRefused(true);
      }
    }

    function end(): void {
      stopped = true;
      window.clearTimeout(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    }

    setRefused(false);
    void start();
    return end;
  }, [on, video]);
  return refused;
}

/** Undefined: there is no code in this picture, as in most. */
function read(decode: (image: ImageData) => string, image: ImageData): string | undefined {
  try {
    return decode(image);
  } catch {
    return undefined;
  }
}
