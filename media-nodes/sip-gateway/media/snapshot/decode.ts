/**
 * The child process that decodes: one key frame (H.264, Annex B) on stdin, one JPEG on stdout, then it ends. It is given no
 * environment and knows no secret; a picture made to break the decoder breaks only this.
 */
import { Codec, CodecContext, FFmpegError, Frame, Log, Packet, Rational, SoftwareScaleContext } from "node-av";
import {
  AV_CODEC_FLAG_QSCALE,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_MJPEG,
  AV_LOG_QUIET,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  type AVCodecID,
  FF_QP2LAMBDA,
  SWS_BILINEAR,
} from "node-av/constants";

const maxWidth = 640;
const maxBytes = 200_000;
/** 4K and no more, so that a forged size can't ask for gigabytes. */
const maxPixels = 3840 * 2176;
/** JPEG quantisers, tried in order until the picture is small enough. */
const qualities = [4, 8, 16, 31];

Log.setLevel(AV_LOG_QUIET);
process.stdout.write(encode(decode(await readAll())));

async function readAll(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

function contextFor(id: AVCodecID, encoding: boolean): { context: CodecContext; codec: Codec } {
  const codec = encoding ? Codec.findEncoder(id) : Codec.findDecoder(id);
  if (!codec) throw new Error("this build of FFmpeg lacks a codec");
  const context = new CodecContext();
  context.allocContext3(codec);
  context.threadCount = 1;
  return { context, codec };
}

/** The picture, at most `maxWidth` wide and with the full range of JPEG. */
function decode(accessUnit: Buffer): Frame {
  const { context, codec } = contextFor(AV_CODEC_ID_H264, false);
  context.setOption("max_pixels", String(maxPixels));
  FFmpegError.throwIfError(context.open2Sync(codec), "open the decoder");
  const packet = new Packet();
  packet.alloc();
  packet.data = accessUnit;
  FFmpegError.throwIfError(context.sendPacketSync(packet), "decode");
  FFmpegError.throwIfError(context.sendPacketSync(null), "flush");
  const picture = new Frame();
  picture.alloc();
  FFmpegError.throwIfError(context.receiveFrameSync(picture), "receive the picture");

  const scaled = new Frame();
  scaled.alloc();
  // Even sizes: the chroma planes are halved.
  scaled.width = 2 * Math.round(Math.min(maxWidth, picture.width) / 2);
  scaled.height = Math.max(2, 2 * Math.round((picture.height * scaled.width) / picture.width / 2));
  scaled.format = AV_PIX_FMT_YUVJ420P;
  scaled.colorRange = AVCOL_RANGE_JPEG;
  FFmpegError.throwIfError(scaled.allocBuffer(), "make room");
  const scaler = new SoftwareScaleContext();
  // An opened decoder of video has a pixel format; the frame's type also allows for sound.
  const from = [picture.width, picture.height, context.pixelFormat] as const;
  scaler.getContext(...from, scaled.width, scaled.height, AV_PIX_FMT_YUVJ420P, SWS_BILINEAR);
  FFmpegError.throwIfError(scaler.initContext(), "prepare to scale");
  FFmpegError.throwIfError(scaler.scaleFrameSync(scaled, picture), "scale");
  return scaled;
}

function encode(picture: Frame): Buffer {
  for (const quality of qualities) {
    const jpeg = encodeAt(picture, quality);
    if (jpeg.length <= maxBytes) return jpeg;
  }
  throw new Error("the picture is too large");
}

function encodeAt(picture: Frame, quality: number): Buffer {
  const { context, codec } = contextFor(AV_CODEC_ID_MJPEG, true);
  context.width = picture.width;
  context.height = picture.height;
  context.pixelFormat = AV_PIX_FMT_YUVJ420P;
  context.colorRange = AVCOL_RANGE_JPEG;
  context.timeBase = new Rational(1, 1);
  context.setFlags(AV_CODEC_FLAG_QSCALE);
  context.globalQuality = quality * FF_QP2LAMBDA;
  FFmpegError.throwIfError(context.open2Sync(codec), "open the JPEG encoder");
  picture.quality = quality * FF_QP2LAMBDA;
  picture.pts = 0n;
  FFmpegError.throwIfError(context.sendFrameSync(picture), "encode");
  FFmpegError.throwIfError(context.sendFrameSync(null), "flush");
  const packet = new Packet();
  packet.alloc();
  FFmpegError.throwIfError(context.receivePacketSync(packet), "receive the JPEG");
  if (!packet.data) throw new Error("an empty JPEG");
  return Buffer.from(packet.data);
}
