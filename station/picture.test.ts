import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { type Camera, nalUnits, pictureEncoder, startCamera } from "./camera.ts";
import { codeCells, pictureCodes, readPictureCode } from "./picture-code.ts";
import { pictureHeight, pictureWidth, testPicture } from "./test-picture.ts";
import { decodeKeyframe, type Seen, watching } from "./watching.ts";

const startCode = Buffer.from([0, 0, 0, 1]);
const annexB = (units: readonly Buffer[]) => Buffer.concat(units.flatMap((unit) => [startCode, unit]));
const types = (units: readonly Buffer[]) => units.map((unit) => (unit[0] ?? 0) & 0x1f);

describe("the test picture", () => {
  it("shows its code in pixels", () => {
    for (const code of [0, 1, pictureCodes - 1, 0xa5c3, randomInt(pictureCodes)]) {
      const { pixels } = testPicture(code);
      const luma = (x: number, y: number) => pixels[y * pictureWidth + x] ?? 0;
      expect(readPictureCode(luma, pictureWidth, pictureHeight)).toBe(code);
    }
  });

  it("is read at another size too", () => {
    const { pixels } = testPicture(4711);
    const luma = (x: number, y: number) => pixels[2 * y * pictureWidth + 2 * x] ?? 0;
    expect(readPictureCode(luma, pictureWidth / 2, pictureHeight / 2)).toBe(4711);
  });

  it("finds no code in a grey or a black picture", () => {
    expect(readPictureCode(() => 128, 640, 360)).toBeUndefined();
    expect(readPictureCode(() => 0, 640, 360)).toBeUndefined();
  });

  it("refuses what is no code", () => {
    expect(() => codeCells(-1)).toThrow(RangeError);
    expect(() => codeCells(pictureCodes)).toThrow(RangeError);
  });

  it("moves from frame to frame", () => {
    const picture = testPicture(1);
    picture.draw(0);
    const before = Buffer.from(picture.pixels);
    picture.draw(5);
    expect(picture.pixels.equals(before)).toBe(false);
  });
});

describe("the camera", () => {
  it("begins with parameter sets and an IDR, and makes another when asked", () => {
    const encoder = pictureEncoder(77);
    const first = encoder.encode(0, true);
    const second = encoder.encode(1, false);
    const asked = encoder.encode(2, true);
    encoder.close();
    expect(types(first).slice(0, 3)).toEqual([7, 8, 5]);
    expect(new Set(types(second))).toEqual(new Set([1]));
    expect(types(asked).slice(0, 3)).toEqual([7, 8, 5]);
  });

  it("cuts no unit larger than a packet", () => {
    const encoder = pictureEncoder(12_345);
    const units = Array.from({ length: 20 }, (_, i) => encoder.encode(i, i % 7 === 0)).flat();
    encoder.close();
    expect(units.length).toBeGreaterThan(20);
    expect(Math.max(...units.map((unit) => unit.length))).toBeLessThanOrEqual(1_150);
  });

  it("is decoded to the very code it showed", () => {
    const code = randomInt(pictureCodes);
    const encoder = pictureEncoder(code);
    const units = encoder.encode(0, true);
    encoder.close();
    expect(decodeKeyframe(annexB(units))).toEqual({ width: pictureWidth, height: pictureHeight, code });
  });

  it("films packets that a watcher reads the code from", async () => {
    const code = randomInt(pictureCodes);
    const packets: RtpPacket[] = [];
    let camera: Camera | undefined;
    const seen = await new Promise<Seen>((resolve) => {
      const watch = watching(resolve);
      camera = startCamera(code, (packet) => {
        packets.push(packet);
        watch(packet);
      });
    });
    camera?.stop();
    expect(seen.code).toBe(code);
    expect(packets[0]?.marker).toBe(false);
  });
});

describe("a byte stream", () => {
  it("is split at short and long start codes", () => {
    const stream = Buffer.from([0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 3]);
    expect(nalUnits(stream).map((unit) => [...unit])).toEqual([
      [0x67, 1],
      [0x68, 2],
      [0x65, 3],
    ]);
  });

  it("that is no picture is decoded to nothing", () => {
    expect(decodeKeyframe(Buffer.from([0, 0, 0, 1, 0x65, 1, 2, 3]))).toBeUndefined();
  });
});
