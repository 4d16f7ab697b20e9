/** The media node that runs this station as its child says whether there is a place for a camera. */
import type { z } from "zod";
import { cameraPlace, type cameraWanted } from "#core/messages/virtual-station.ts";

export interface CameraPlace {
  /** Asks for it. @param hear is told whether there is one, whenever that changes */
  want(hear: (hasPlace: boolean) => void): void;
  giveBack(): void;
}

export function placeAtNode(): CameraPlace {
  let heard: (hasPlace: boolean) => void = () => undefined;
  const say = (wantsCamera: boolean) => {
    // A node that is gone takes its stations along.
    if (process.connected) process.send?.({ wantsCamera } satisfies z.infer<typeof cameraWanted>);
  };
  process.on("message", (message) => {
    const read = cameraPlace.safeParse(message);
    if (read.success) heard(read.data.hasPlace);
  });
  return {
    want(hear) {
      heard = hear;
      say(true);
    },
    giveBack() {
      heard = () => undefined;
      say(false);
    },
  };
}
