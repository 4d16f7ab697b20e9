/**
 * Places for the cameras that a media node's virtual stations pull, each in a process of its own: whoever asks first has one, and
 * who has none is told when one comes free.
 */
import type { ChildProcess } from "node:child_process";
import type { z } from "zod";
import { type cameraPlace, cameraWanted } from "#core/messages/virtual-station.ts";

/** @param most how many there are @returns what gives a station, started with a channel to its parent, its place when it asks */
export function newCameraPlaces(most: number): (station: ChildProcess) => void {
  /** Who wants one, in the order they asked, and what they were told. */
  const wanting = new Map<ChildProcess, boolean | undefined>();

  function share(): void {
    for (const [i, [station, told]] of [...wanting].entries()) {
      const hasPlace = i < most;
      if (hasPlace === told) continue;
      wanting.set(station, hasPlace);
      station.send({ hasPlace } satisfies z.infer<typeof cameraPlace>, () => undefined); // it ended: "exit" tells
    }
  }

  return (station) => {
    station.on("message", (message) => {
      const read = cameraWanted.safeParse(message);
      if (!read.success) return;
      if (!read.data.wantsCamera) wanting.delete(station);
      else if (!wanting.has(station)) wanting.set(station, undefined);
      share();
    });
    station.once("exit", () => {
      wanting.delete(station);
      share();
    });
  };
}
