/** What the station sees: key frames of the received H.264, decoded, and the picture code in them. */
import {
  AV_CODEC_FLAG_LOW_DELAY,
  AV_CODEC_ID_H264,
  AV_LOG_FATAL,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
} from "node-av/constants";
import { Codec, CodecContext, Frame, Log, Packet } from "node-av/lib";
import { keyframeGatherer } from "#media-nodes/sip-gateway/media/h264.ts";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { readPictureCode } from "./picture-code.ts";

export type Seen = { width: number; height: number; code: number | undefined };

/** Decodes one key frame (Annex B, with its parameter sets). Undefined where it can't be decoded. */
export function decodeKeyframe(stream: Buffer): Seen | undefined {
  Log.setLevel(AV_LOG_FATAL);
  const codec = Codec.findDecoder(AV_CODEC_ID_H264);
  if (!codec) throw new Error("this build of FFmpeg has no H.264 decoder");
  const context = new CodecContext();
  context.allocContext3(codec);
  context.threadCount = 1;
  context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
  const packet = new Packet();
  const frame = new Frame();
  packet.alloc();
  frame.alloc();
  try {
    if (context.open2Sync(codec, null) < 0) return undefined;
    packet.data = stream;
    if (context.sendPacketSync(packet) < 0) return undefined;
    context.sendPacketSync(null);
    if (context.receiveFrameSync(frame) < 0) return undefined;
    const planes = frame.data;
    const stride = frame.linesize[0] ?? 0;
    const luma = planes?.[0];
    const isPlanar = frame.format === AV_PIX_FMT_YUV420P || frame.format === AV_PIX_FMT_YUVJ420P;
    if (!luma || !isPlanar) return undefined;
    const { width, height } = frame;
    return { width, height, code: readPictureCode((x, y) => luma[y * stride + x] ?? 0, width, height) };
  } finally {
    frame.free();
    packet.free();
    context.freeContext();
  }
}

/** Watches one stream. `onSeen` hears of every key frame that could be decoded. */
export function watching(onSeen: (seen: Seen) => void): (packet: RtpPacket) => void {
  const gather = keyframeGatherer();
  return (packet) => {
    const whole = gather(packet);
    const seen = whole && decodeKeyframe(whole);
    if (seen) onSeen(seen);
  };
}
