import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { singleNalUnits } from "#media-nodes/sip-gateway/media/h264.ts";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { packetizer, payloadsOf } from "./packetizer.ts";

const unit = (type: number, length: number) => Buffer.concat([Buffer.from([0x60 | type]), randomBytes(length - 1)]);

test("a unit of any length fits its packets, and is the same when they are put together", () => {
  for (const length of [1, 2, 99, 100, 101, 197, 198, 199, 5_000]) {
    const whole = unit(5, length);
    const payloads = payloadsOf(whole, 100);
    for (const payload of payloads) expect(payload.length).toBeLessThanOrEqual(100);
    const together = singleNalUnits();
    const packets = payloads.flatMap((payload, sequence) =>
      together({ payloadType: 0, marker: false, sequence, timestamp: 1, ssrc: 1, payload }),
    );
    expect(packets.map(({ payload }) => payload)).toEqual([whole]);
  }
});

test("the last packet of each picture is marked, and time goes on even where pictures come at once", () => {
  const sent: RtpPacket[] = [];
  let now = 1_000;
  const show = packetizer({ ssrc: 7, most: 100, now: () => now }, (packet) => sent.push(packet));
  show([unit(7, 10), unit(8, 10), unit(5, 150)]);
  show([unit(1, 10)]);
  now = 2_000;
  show([unit(1, 10)]);
  expect(sent.map(({ marker, timestamp }) => [marker, timestamp])).toEqual([
    [false, 90_000],
    [false, 90_000],
    [false, 90_000],
    [true, 90_000],
    [true, 90_001],
    [true, 180_000],
  ]);
});
