import { Encoder } from "@evan/opus";
import { describe, expect, it } from "vitest";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { hearing, loudestTone } from "./hearing.ts";
import { sampleRate, startMicrophone, toneSamples } from "./microphone.ts";

const float = (samples: Int16Array) => Float32Array.from(samples, (sample) => sample / 32_768);
const packet = (payload: Buffer): RtpPacket => ({
  payloadType: 96,
  marker: false,
  sequence: 0,
  timestamp: 0,
  ssrc: 1,
  payload,
});

describe("the station's ears", () => {
  it("name a tone to within 5 Hz", () => {
    for (const hertz of [150, 440, 605, 1_000, 2_345, 3_900]) {
      const heard = loudestTone(float(toneSamples(hertz, 0, sampleRate)));
      expect(Math.abs((heard ?? 0) - hertz)).toBeLessThanOrEqual(5);
    }
  });

  it("hear nothing in silence", () => {
    expect(loudestTone(new Float32Array(sampleRate))).toBeUndefined();
    expect(loudestTone(new Float32Array(0))).toBeUndefined();
  });

  it("hear through Opus what was spoken into it", () => {
    const encoder = new Encoder({ channels: 1, sample_rate: sampleRate, application: "audio" });
    const ears = hearing();
    for (let i = 0; i < 50; i++) ears.hear(packet(Buffer.from(encoder.encode(toneSamples(850, i * 960, 960)))));
    const { packets, tone } = ears.take();
    expect(packets).toBe(50);
    expect(Math.abs((tone ?? 0) - 850)).toBeLessThanOrEqual(5);
    expect(ears.take()).toEqual({ packets: 0, tone: undefined });
  });

  it("count what is no Opus without falling over", () => {
    const ears = hearing();
    ears.hear(packet(Buffer.alloc(0)));
    ears.hear(packet(Buffer.from([0xff, 0xff, 0xff])));
    expect(ears.take().packets).toBe(2);
  });
});

describe("the station's microphone", () => {
  it("speaks packets whose time moves on by 20 ms each", async () => {
    const packets: RtpPacket[] = [];
    let microphone: { stop(): void } | undefined;
    await new Promise<void>((resolve) => {
      microphone = startMicrophone(600, (packet) => {
        packets.push(packet);
        if (packets.length === 5) resolve();
      });
    });
    microphone?.stop();
    const steps = packets.slice(1).map((packet, i) => (packet.timestamp - (packets[i]?.timestamp ?? 0)) >>> 0);
    expect(steps.every((step) => step === 960)).toBe(true);
    expect(packets[0]?.marker).toBe(true);
  });
});
