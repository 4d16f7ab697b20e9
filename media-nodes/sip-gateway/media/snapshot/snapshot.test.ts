import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from "node-av";
import { AV_PIX_FMT_YUV420P, FF_ENCODER_LIBX264 } from "node-av/constants";
import { expect, test, vi } from "vitest";
import type { RtpPacket } from "../rtp.ts";
import { takeSnapshot } from "./snapshot.ts";

/** A key frame of 1280 × 720, grey with a slope, split into NAL units. */
function keyframe(): Buffer[] {
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
  const context = new CodecContext();
  context.allocContext3(codec);
  const [width, height] = [1280, 720];
  Object.assign(context, { width, height, pixelFormat: AV_PIX_FMT_YUV420P, timeBase: new Rational(1, 25) });
  FFmpegError.throwIfError(context.open2Sync(codec), "open");
  const pixels = Buffer.alloc((width * height * 3) / 2, 128);
  for (let i = 0; i < width * height; i++) pixels[i] = (i % width) >> 3;
  const frame = Frame.fromVideoBuffer(pixels, { width, height, format: AV_PIX_FMT_YUV420P });
  FFmpegError.throwIfError(context.sendFrameSync(frame), "encode");
  FFmpegError.throwIfError(context.sendFrameSync(null), "flush");
  const packet = new Packet();
  packet.alloc();
  FFmpegError.throwIfError(context.receivePacketSync(packet), "receive");
  return units(packet.data ?? Buffer.alloc(0));
}

/** The NAL units of an Annex B stream. */
function units(stream: Buffer): Buffer[] {
  const out: Buffer[] = [];
  const code = Buffer.from([0, 0, 1]);
  for (let at = stream.indexOf(code); at >= 0; ) {
    const next = stream.indexOf(code, at + 3);
    let end = next < 0 ? stream.length : next;
    while (stream[end - 1] === 0) end--;
    out.push(stream.subarray(at + 3, end));
    at = next;
  }
  return out;
}

const packets = (units: Buffer[]): RtpPacket[] =>
  units.map((payload, i) => ({
    payloadType: 97,
    marker: i === units.length - 1,
    sequence: i,
    timestamp: 3000,
    ssrc: 1,
    payload,
  }));

test("a key frame becomes a JPEG no wider than 640 pixels", async () => {
  const requestKeyframe = vi.fn();
  const snapshot = takeSnapshot({ requestKeyframe, timeout: 20_000 });
  for (const packet of packets(keyframe())) snapshot.push(packet);
  const jpeg = await snapshot.picture;
  expect(jpeg.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  expect(jpeg.length).toBeLessThan(200_000);
  expect(sizeOf(jpeg)).toEqual({ width: 640, height: 360 });
  expect(requestKeyframe).toHaveBeenCalled();
}, 30_000);

test("rubbish that looks like a key frame is refused, and the gateway lives on", async () => {
  const snapshot = takeSnapshot({ requestKeyframe: () => {}, timeout: 20_000 });
  for (const packet of packets([Buffer.from([0x67, 1, 2, 3]), Buffer.from([0x65, 9, 9, 9])])) snapshot.push(packet);
  await expect(snapshot.picture).rejects.toThrow("can't be decoded");
}, 30_000);

test("without a key frame it gives up in time, having asked again", async () => {
  const requestKeyframe = vi.fn();
  const snapshot = takeSnapshot({ requestKeyframe, timeout: 800 });
  await expect(snapshot.picture).rejects.toThrow("no picture in time");
  expect(requestKeyframe).toHaveBeenCalled();
});

test("can be cancelled", async () => {
  const snapshot = takeSnapshot({ requestKeyframe: () => {} });
  snapshot.cancel();
  await expect(snapshot.picture).rejects.toThrow("cancelled");
});

/** Width and height of a baseline JPEG, from its SOF0 marker. */
function sizeOf(jpeg: Buffer): { width: number; height: number } {
  const at = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) };
}
