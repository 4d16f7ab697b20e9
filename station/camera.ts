/**
 * The station's camera: the test picture as H.264, constrained baseline, cut into slices that fit a packet each, so that
 * the same stream serves packetization-mode 0 and 1. SPS and PPS come with each IDR picture.
 */
import { randomInt } from "node:crypto";
import {
  AV_LOG_FATAL,
  AV_OPT_SEARCH_CHILDREN,
  AV_OPT_TYPE_STRING,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  FF_ENCODER_LIBX264,
} from "node-av/constants";
import { Codec, CodecContext, Frame, Log, Packet, Rational } from "node-av/lib";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { pictureHeight, pictureWidth, testPicture } from "./test-picture.ts";

export const framesPerSecond = 15;
/** Bytes of a NAL unit. With RTP, SRTP, UDP and IP round it, it stays below 1,280. */
export const largestSlice = 1_100;
const clockRate = 90_000;
const seiUnit = 6;

const options = {
  preset: "ultrafast",
  tune: "zerolatency",
  profile: "baseline",
  level: "3.1",
  "forced-idr": "1",
  "x264-params": `slice-max-size=${largestSlice}:sliced-threads=0:repeat-headers=1:scenecut=0`,
};

export type Camera = {
  /** The next picture begins afresh. */
  requestKeyframe(): void;
  stop(): void;
};

/** Splits an Annex B stream into NAL units. */
export function nalUnits(stream: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let begin = -1;
  for (let i = 0; i + 2 < stream.length; i++) {
    if (stream[i] !== 0 || stream[i + 1] !== 0 || stream[i + 2] !== 1) continue;
    if (begin >= 0) units.push(stream.subarray(begin, stream[i - 1] === 0 ? i - 1 : i));
    begin = i + 3;
    i += 2;
  }
  if (begin >= 0) units.push(stream.subarray(begin));
  return units;
}

/** An encoder that takes frames by index. Frees itself with `close`. */
export function pictureEncoder(code: number) {
  Log.setLevel(AV_LOG_FATAL);
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
  if (!codec) throw new Error("this build of FFmpeg has no H.264 encoder");
  const picture = testPicture(code);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = pictureWidth;
  context.height = pictureHeight;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, framesPerSecond);
  context.framerate = new Rational(framesPerSecond, 1);
  context.gopSize = framesPerSecond * 10;
  context.maxBFrames = 0;
  context.bitRate = 500_000n;
  context.threadCount = 1;
  // Set one by one: a Dictionary that the encoder has taken its part of is freed twice by this binding.
  for (const [name, value] of Object.entries(options))
    context.setOption(name, value, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN);
  const opened = context.open2Sync(codec, null);
  if (opened < 0) throw new Error(`the H.264 encoder does not open (${opened})`);
  const packet = new Packet();
  packet.alloc();
  return {
    /** The NAL units of frame `index`, parameter sets first where it is a key frame. */
    encode(index: number, keyframe: boolean): Buffer[] {
      picture.draw(index);
      const frame = Frame.fromVideoBuffer(picture.pixels, {
        width: pictureWidth,
        height: pictureHeight,
        format: AV_PIX_FMT_YUV420P,
        timeBase: { num: 1, den: framesPerSecond },
        pts: BigInt(index),
      });
      frame.pictType = keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
      context.sendFrameSync(frame);
      frame.free();
      const units: Buffer[] = [];
      while (context.receivePacketSync(packet) >= 0) {
        if (packet.data) units.push(...nalUnits(Buffer.from(packet.data)));
        packet.unref();
      }
      return units.filter((unit) => ((unit[0] ?? 0) & 0x1f) !== seiUnit);
    },
    close() {
      packet.free();
      context.freeContext();
    },
  };
}

/** Films until stopped. Payload type, sequence and SSRC are the leg's affair. */
export function startCamera(code: number, send: (packet: RtpPacket) => void): Camera {
  const encoder = pictureEncoder(code);
  const offset = randomInt(2 ** 31);
  const began = performance.now();
  let index = 0;
  let sequence = randomInt(2 ** 16);
  let keyframe = true;
  const timer = setInterval(() => {
    // Frames that the clock has passed are left out: after a pause the picture is of now.
    const due = Math.floor(((performance.now() - began) * framesPerSecond) / 1000);
    if (due < index) return;
    index = due;
    const units = encoder.encode(index, keyframe);
    keyframe = false;
    const timestamp = (offset + (index * clockRate) / framesPerSecond) >>> 0;
    for (const [i, payload] of units.entries()) {
      sequence = (sequence + 1) & 0xffff;
      send({ payloadType: 0, marker: i === units.length - 1, sequence, timestamp, ssrc: 0, payload });
    }
    index++;
  }, 1000 / framesPerSecond);
  return {
    requestKeyframe() {
      keyframe = true;
    },
    stop() {
      clearInterval(timer);
      encoder.close();
    },
  };
}
