/**
 * The caller's picture, from the station's own H.264. Packets are gathered here until a key frame is whole; a child
 * process without secrets decodes it, since a decoder is the part that hostile bytes would break.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { join } from "node:path";
import { keyframeGatherer } from "../h264.ts";
import type { RtpPacket } from "../rtp.ts";

export type SnapshotOptions = {
  /** Called when a key frame is needed; the leg throttles. */
  requestKeyframe(): void;
  /** From the call of `takeSnapshot` to the picture, in milliseconds. @default 5000 */
  timeout?: number;
};

export type Snapshot = {
  /** Takes the station's video packets as the leg gives them. After the key frame they are ignored. */
  push(packet: RtpPacket): void;
  /** The JPEG, at most 640 pixels wide and 200 kB. Rejects after the time, on a picture that can't be decoded, or `cancel`. */
  readonly picture: Promise<Buffer>;
  cancel(): void;
};

/** A JPEG beyond this is not one of ours. Bytes. */
const maxPicture = 256_000;
/** How often a key frame is asked for until one came whole. Milliseconds. */
const askAgain = 500;

/** Starts taking a snapshot. The decoder starts meanwhile, so that it waits for the key frame and not the other way round. */
export function takeSnapshot(options: SnapshotOptions): Snapshot {
  const gather = keyframeGatherer();
  const decoder = takeDecoder();
  let waiting = true;
  let begun = false;
  let fail: (error: Error) => void = () => {};
  const picture = new Promise<Buffer>((resolve, reject) => {
    const timer = setTimeout(() => fail(new Error("no picture in time")), options.timeout ?? 5000);
    const end = () => {
      waiting = false;
      clearTimeout(timer);
      clearInterval(asking);
      decoder.kill("SIGKILL");
      keepDecoderWarm();
    };
    const asking = setInterval(() => {
      if (waiting) options.requestKeyframe();
    }, askAgain);
    fail = (error) => {
      end();
      reject(error);
    };
    collect(decoder, (jpeg) => {
      if (!jpeg) return fail(new Error("the picture can't be decoded"));
      end();
      resolve(jpeg);
    });
  });
  // Whoever cancels need not listen as well.
  picture.catch(() => {});
  return {
    picture,
    push(packet) {
      if (!waiting) return;
      if (!begun) {
        begun = true;
        options.requestKeyframe();
      }
      const keyframe = gather(packet);
      if (!keyframe) return;
      waiting = false;
      decoder.stdin?.end(keyframe);
    },
    cancel: () => fail(new Error("cancelled")),
  };
}

/** A decoder that has started already: loading it takes most of the second that a picture may take. */
let warm: ChildProcess | undefined;

/** Starts the decoder that the next picture will use. It holds nothing up: it ends with this process. */
export function keepDecoderWarm(): void {
  if (warm && warm.exitCode === null && warm.signalCode === null) return;
  warm = spawnDecoder();
  warm.unref();
  for (const pipe of [warm.stdin, warm.stdout]) if (pipe instanceof Socket) pipe.unref();
}

function takeDecoder(): ChildProcess {
  const taken = warm && warm.exitCode === null && warm.signalCode === null ? warm : spawnDecoder();
  warm = undefined;
  taken.ref();
  for (const pipe of [taken.stdin, taken.stdout]) if (pipe instanceof Socket) pipe.ref();
  return taken;
}

function spawnDecoder(): ChildProcess {
  const child = spawn(process.execPath, ["--max-old-space-size=64", join(import.meta.dirname, "decode.ts")], {
    env: {},
    stdio: ["pipe", "pipe", "ignore"],
  });
  // The decoder may end before it has read everything; its exit says so.
  child.stdin.on("error", () => {});
  return child;
}

/** Gives what the child wrote, if it ended well; nothing otherwise. */
function collect(child: ChildProcess, done: (jpeg: Buffer | undefined) => void): void {
  const parts: Buffer[] = [];
  let size = 0;
  child.stdout?.on("data", (part: Buffer) => {
    size += part.length;
    if (size <= maxPicture) parts.push(part);
    else child.kill("SIGKILL");
  });
  child.on("error", () => done(undefined));
  child.on("close", (code) => done(code === 0 && size > 0 && size <= maxPicture ? Buffer.concat(parts) : undefined));
}
