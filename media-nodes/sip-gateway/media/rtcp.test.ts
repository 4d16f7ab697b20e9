import { expect, test } from "vitest";
import { buildRtcp, parseRtcp, toNtp } from "./rtcp.ts";

const block = {
  ssrc: 7,
  fractionLost: 3,
  lost: -2,
  highestSequence: 70_000,
  jitter: 9,
  lastSr: 1,
  delaySinceLastSr: 2,
};

test("a sender report with a block is read back", () => {
  const sent = { ntp: toNtp(0), rtpTimestamp: 960, packets: 5, octets: 800 };
  const events = parseRtcp(buildRtcp({ ssrc: 1, cname: "station", sent, blocks: [block] }));
  expect(events).toMatchObject({ keyframeRequest: false, blocks: [{ ssrc: 7, fractionLost: 3, lost: -2 }] });
  // 1 January 1970 is 2,208,988,800 s of NTP: the middle 32 bits are its lower half, shifted.
  expect(events?.senderReport).toEqual({ ssrc: 1, compactNtp: ((2_208_988_800 & 0xffff) << 16) >>> 0 });
});

test.each(["pli", "fir"] as const)("a %s asks for a key frame", (kind) => {
  const request = { kind, media: 7, sequence: 1 };
  expect(parseRtcp(buildRtcp({ ssrc: 1, cname: "x", blocks: [] }, request))?.keyframeRequest).toBe(true);
});

test("a NACK names each lost packet, over the wrap of sequence numbers", () => {
  // RFC 4585 §6.2.1: packet 65535, and by the bits the first and third after it.
  const nack = Buffer.from("81cd0003 00000001 00000007 ffff0005".replaceAll(" ", ""), "hex");
  expect(parseRtcp(nack)?.lost).toEqual([65_535, 0, 2].map((sequence) => ({ ssrc: 7, sequence })));
});

test.each([
  ["a length beyond the packet", "80c90005 00000001"],
  ["another version", "40c90001 00000001"],
  ["a rest", "80c90001 00000001 00"],
])("%s makes the whole packet void", (_what, hex) => {
  expect(parseRtcp(Buffer.from(hex.replaceAll(" ", ""), "hex"))).toBeUndefined();
});

test("a block count that lies reads no further than the packet", () => {
  expect(parseRtcp(Buffer.from("9fc9000100000001", "hex"))).toMatchObject({ blocks: [] });
});
