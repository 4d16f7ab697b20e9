/** Another maker's camera, pulled all the time by a process of its own (pull.ts), so that its picture is there when somebody presses. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { CameraCredentials } from "#core/device/configuration.ts";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { type Camera as Filming, largestSlice, nalUnits } from "../camera.ts";
import { pictureGroup } from "./group.ts";
import { keyPin } from "./key-pins.ts";
import { packetizer } from "./packetizer.ts";
import { exitNotPublic, type Pulled } from "./puller.ts";

export interface PulledCamera {
  /** `trying`: it was not reached yet. */
  readonly state: "trying" | "answers" | "silent";
  /** It is silent since it was not asked: its address is not public. */
  readonly notPublic: boolean;
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

export interface Source {
  address: string;
  credentials: CameraCredentials | undefined;
  /** It is reached at a public address alone, whatever its name leads to. */
  onlyPublic: boolean;
}

const ownProgram = join(import.meta.dirname, "pull.ts");

/**
 * @param onState called whenever `state` or `notPublic` has changed
 * @param program the process that pulls
 */
export function pullCamera(
  source: Source,
  onState: () => void,
  key: CameraKey,
  program: string = ownProgram,
): PulledCamera {
  const viewers = new Set<(units: readonly Buffer[]) => void>();
  let group = pictureGroup();
  let state: PulledCamera["state"] = "trying";
  let notPublic = false;
  let child: ChildProcess | undefined;
  let quiet: NodeJS.Timeout | undefined;
  let again: NodeJS.Timeout | undefined;
  let failures = 0;
  let closed = false;

  function become(next: PulledCamera["state"], withoutAsking = false): void {
    if ((state === next && notPublic === withoutAsking) || closed) return;
    state = next;
    notPublic = withoutAsking;
    onState();
  }

  function listen(): void {
    clearTimeout(quiet);
    quiet = setTimeout(() => child?.kill("SIGKILL"), silence);
  }

  function pull(): void {
    const puller = spawn(process.execPath, ["--max-old-space-size=64", program], {
      env: {},
      stdio: ["pipe", "pipe", "ignore", "pipe"],
    });
    child = puller;
    group = pictureGroup();
    listen();
    puller.stdin?.on("error", () => undefined); // its end is told by its exit
    // Not by the command line, where other processes could read it.
    const asked: Pulled = { ...source, key: key.known() };
    puller.stdin?.end(JSON.stringify(asked));
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
    puller.on("close", (code) => {
      clearTimeout(quiet);
      if (closed) return;
      group = pictureGroup();
      become("silent", code === exitNotPublic);
      const pause = Math.min(longestRetry, firstRetry * 2 ** Math.min(failures++, 5));
      again = setTimeout(pull, pause / 2 + (pause / 2) * Math.random());
    });
  }

  pull();
  return {
    get state() {
      return state;
    },
    get notPublic() {
      return notPublic;
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
