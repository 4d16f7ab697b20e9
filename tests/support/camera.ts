/** What a fake camera sees: the moving test picture with a code drawn for this run, so that a test knows that very picture. */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { pictureCodes } from "../../station/picture-code.ts";
import { pictureHeight, pictureWidth, testPicture } from "../../station/test-picture.ts";

const rate = 15;

export const randomPictureCode = () => randomInt(1, pictureCodes);

async function writeFrames(code: number, seconds: number, to: Writable, beforeEach: string): Promise<void> {
  const picture = testPicture(code);
  for (let index = 0; index < seconds * rate; index++) {
    picture.draw(index);
    // A copy: the next frame is drawn into the same bytes.
    const taken = to.write(Buffer.concat([Buffer.from(beforeEach), picture.pixels]));
    if (!taken) await once(to, "drain");
  }
  to.end();
}

/** A Y4M file for Chromium's fake camera, which plays it in a loop. */
export async function writeBrowserCamera(path: string, code: number): Promise<void> {
  const file = createWriteStream(path);
  file.write(`YUV4MPEG2 W${pictureWidth} H${pictureHeight} F${rate}:1 Ip A1:1 C420mpeg2\n`);
  await writeFrames(code, 2, file, "FRAME\n");
  await once(file, "close");
}

/** An H.264 file for baresip's camera; an .mp4, since it plays nothing without time stamps. Baseline, a key frame a second. */
export async function writeStationCamera(path: string, code: number, seconds = 60): Promise<void> {
  const arguments_ = [
    "-v",
    "error",
    "-y",
    "-f",
    "rawvideo",
    "-pix_fmt",
    "yuv420p",
    "-s",
    `${pictureWidth}x${pictureHeight}`,
    "-r",
    String(rate),
    "-i",
    "-",
  ];
  const encoder = spawn(
    "ffmpeg",
    [...arguments_, "-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "baseline", "-g", String(rate), path],
    {
      stdio: ["pipe", "ignore", "inherit"],
    },
  );
  const ended = once(encoder, "close");
  await writeFrames(code, seconds, encoder.stdin, "");
  const [status] = await ended;
  if (status !== 0) throw new Error(`ffmpeg ended with ${status}`);
}
