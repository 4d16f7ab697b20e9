import { expect, test } from "vitest";
import { joinStapA, keyframeGatherer, parameterSetInjector, singleNalUnits, splitStapA } from "./h264.ts";
import type { RtpPacket } from "./rtp.ts";

const sps = Buffer.from([0x67, 0x42, 0xe0, 0x1f]);
const pps = Buffer.from([0x68, 0xce, 0x06]);
const idr = Buffer.from([0x65, 1, 2, 3, 4, 5, 6, 7]);
const slice = Buffer.from([0x41, 9, 9]);

const packetOf = (sequence: number, payload: Buffer, marker = true, timestamp = 3000): RtpPacket => ({
  payloadType: 97,
  marker,
  sequence,
  timestamp,
  ssrc: 1,
  payload,
});

/** A NAL unit in FU-A fragments of `size` bytes. */
function fragments(nal: Buffer, size: number): Buffer[] {
  const out: Buffer[] = [];
  const head = nal[0] ?? 0;
  for (let at = 1; at < nal.length; at += size) {
    const first = at === 1 ? 0x80 : 0;
    const last = at + size >= nal.length ? 0x40 : 0;
    out.push(
      Buffer.concat([Buffer.from([(head & 0xe0) | 28, first | last | (head & 0x1f)]), nal.subarray(at, at + size)]),
    );
  }
  return out;
}

test("the SDP's parameter sets go before a key frame that has none, and later numbers move up", () => {
  const inject = parameterSetInjector([sps, pps]);
  expect(inject(packetOf(10, slice))).toEqual([packetOf(10, slice)]);
  const [sets, key] = inject(packetOf(11, idr, true, 6000));
  expect(splitStapA(sets?.payload ?? Buffer.alloc(0))).toEqual([sps, pps]);
  expect(sets).toMatchObject({ sequence: 11, marker: false, timestamp: 6000 });
  expect(key).toMatchObject({ sequence: 12, payload: idr, marker: true });
  expect(inject(packetOf(12, slice, true, 9000))).toMatchObject([{ sequence: 13 }]);
});

test("a key frame with its own parameter sets is left alone, and of many slices only the first gets them", () => {
  const inject = parameterSetInjector([sps, pps]);
  expect(inject(packetOf(1, joinStapA([sps, pps]), false))).toHaveLength(1);
  expect(inject(packetOf(2, idr))).toHaveLength(1);
  expect(inject(packetOf(3, idr, false, 6000))).toHaveLength(2);
  expect(inject(packetOf(4, idr, true, 6000))).toHaveLength(1);
});

test("parameter sets seen in the stream are remembered for later key frames", () => {
  const inject = parameterSetInjector([]);
  inject(packetOf(1, sps, false));
  inject(packetOf(2, pps, false));
  inject(packetOf(3, idr));
  const first = fragments(idr, 3)[0] ?? idr;
  expect(inject(packetOf(4, first, false, 6000))).toHaveLength(2);
});

test("a packet that comes late over an insertion keeps its old number", () => {
  const inject = parameterSetInjector([sps, pps]);
  inject(packetOf(20, slice));
  inject(packetOf(22, idr, true, 6000));
  expect(inject(packetOf(21, slice))).toMatchObject([{ sequence: 21 }]);
});

test("a station with packetization-mode 0 gets whole NAL units: no STAP-A, no FU-A", () => {
  const convert = singleNalUnits();
  const parts = fragments(idr, 3);
  const out = [
    ...convert(packetOf(1, joinStapA([sps, pps]), false)),
    ...parts.flatMap((part, i) => convert(packetOf(2 + i, part, i === parts.length - 1))),
    ...convert(packetOf(5, slice, true, 6000)),
  ];
  expect(out.map((packet) => packet.payload)).toEqual([sps, pps, idr, slice]);
  expect(out.map((packet) => packet.sequence)).toEqual([1, 2, 3, 4]);
  expect(out.map((packet) => packet.marker)).toEqual([false, false, true, true]);
});

test("a fragmented unit with a hole is left out and shows as loss", () => {
  const convert = singleNalUnits();
  const [a, , c] = fragments(idr, 3);
  const before = convert(packetOf(1, slice, true, 0));
  expect(convert(packetOf(2, a ?? idr, false))).toEqual([]);
  expect(convert(packetOf(4, c ?? idr, true))).toEqual([]);
  const after = convert(packetOf(5, slice, true, 6000));
  expect((after[0]?.sequence ?? 0) - (before[0]?.sequence ?? 0)).toBe(2);
});

test("a key frame is gathered whole from fragments, and one with a gap is not", () => {
  const gather = keyframeGatherer();
  const [a, b, c] = fragments(idr, 3);
  gather(packetOf(1, slice, true, 0));
  gather(packetOf(2, joinStapA([sps, pps]), false));
  gather(packetOf(3, a ?? idr, false));
  expect(gather(packetOf(5, c ?? idr, true))).toBeUndefined();
  gather(packetOf(6, joinStapA([sps, pps]), false, 6000));
  gather(packetOf(7, a ?? idr, false, 6000));
  gather(packetOf(8, b ?? idr, false, 6000));
  const start = Buffer.from([0, 0, 0, 1]);
  expect(gather(packetOf(9, c ?? idr, true, 6000))).toEqual(Buffer.concat([start, sps, start, pps, start, idr]));
});
