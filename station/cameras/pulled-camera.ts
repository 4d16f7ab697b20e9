/** Another maker's camera, pulled all the time by a process of its own (pull.ts), so that its picture is there when somebody presses. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { CameraCredentials } from "#core/device/configuration.ts";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { type Camera as Filming, largestSlice, nalUnits } from "../camera.ts";
import { pictureGroup } from "./group.ts";
import { keyPin } from "./key-pins.ts";
import { packetizer } from "./packetizer.ts";

export interface PulledCamera {
  /** `trying`: it was not reached yet. */
  readonly state: "trying" | "answers" | "silent";
  /** Sends its picture, from a key frame on, until stopped. */
  film(send: (packet: RtpPacket) => void): Filming;
  close(): void;
}

/** A camera that sends nothing for so long doesn't answer. Milliseconds. */
const silence = 5_000;
const firstRetry = 1_000;
const longestRetry = 30_000;
/** The whole group is sent again for a key frame: not more often than this, or it would make the loss it mends. Milliseconds. */
const repeatAfter = 1_000;
/** An access unit beyond this, and the process is not ours any more. Bytes. */
const largestUnit = 5_000_000;

/** By which key a camera is known that is reached over TLS. */
export interface CameraKey {
  known(): string | undefined;
  keep(key: string): void;
}

/** @param onState called whenever `state` has changed */
export function pullCamera(
  source: { address: string; credentials: CameraCredentials | undefined },
  onState: () => void,
  key: CameraKey,
): PulledCamera {
  const viewers = new Set<(units: readonly Buffer[]) => void>();
  let group = pictureGroup();
  let state: PulledCamera["state"] = "trying";
  let child: ChildProcess | undefined;
  let quiet: NodeJS.Timeout | undefined;
  let again: NodeJS.Timeout | undefined;
  let failures = 0;
  let closed = false;

  function become(next: PulledCamera["state"]): void {
    if (state === next || closed) return;
    state = next;
    onState();
  }

  function listen(): void {
    clearTimeout(quiet);
    quiet = setTimeout(() => child?.kill("SIGKILL"), silence);
  }

  function pull(): void {
    const puller = spawn(process.execPath, ["--max-old-space-size=64", join(import.meta.dirname, "pull.ts")], {
      env: {},
      stdio: ["pipe", "pipe", "ignore", "pipe"],
    });
    child = puller;
    group = pictureGroup();
    listen();
    puller.stdin?.on("error", () => undefined); // its end is told by its exit
    // Not by the command line, where other processes could read it.
    puller.stdin?.end(JSON.stringify({ ...source, key: key.known() }));
    puller.stdio[3]?.once("data", (shown) => {
      const read = keyPin.safeParse(String(shown));
      if (read.success && !closed) key.keep(read.data);
    });
    const take = accessUnits((unit) => {
      listen();
      const picture = group.add(nalUnits(unit));
      if (!picture) return;
      failures = 0;
      become("answers");
      for (const show of viewers) show(picture);
    });
    puller.stdout?.on("data", (bytes: Buffer) => take(bytes) || puller.kill("SIGKILL"));
    puller.on("error", () => undefined);
    puller.on("close", () => {
      clearTimeout(quiet);
      if (closed) return;
      group = pictureGroup();
      become("silent");
      const pause = Math.min(longestRetry, firstRetry * 2 ** Math.min(failures++, 5));
      again = setTimeout(pull, pause / 2 + (pause / 2) * Math.random());
    });
  }

  pull();
  return {
    get state() {
      return state;
    },
    film(send) {
      const show = packetizer({ ssrc: 1, most: largestSlice, now: () => performance.now() }, send);
      let repeatedAt = Number.NEGATIVE_INFINITY;
      const repeat = () => {
        const now = performance.now();
        if (now - repeatedAt < repeatAfter) return;
        repeatedAt = now;
        for (const picture of group.pictures) show(picture);
      };
      repeat();
      viewers.add(show);
      return { requestKeyframe: repeat, stop: () => viewers.delete(show) };
    },
    close() {
      closed = true;
      clearTimeout(quiet);
      clearTimeout(again);
      child?.kill("SIGKILL");
    },
  };
}

/** Takes what the process writes: each access unit after its length. @returns false: that is nothing a camera would send */
function accessUnits(onUnit: (unit: Buffer) => void): (bytes: Buffer) => boolean {
  let kept: Buffer = Buffer.alloc(0);
  return (bytes) => {
    kept = kept.length === 0 ? bytes : Buffer.concat([kept, bytes]);
    while (kept.length >= 4) {
      const length = kept.readUInt32BE(0);
      if (length > largestUnit) return false;
      if (kept.length < 4 + length) break;
      onUnit(Buffer.from(kept.subarray(4, 4 + length)));
      kept = kept.subarray(4 + length);
    }
    return true;
  };
}
