/** The station's microphone: a steady tone, as Opus in frames of 20 ms. */
import { randomInt } from "node:crypto";
import { Encoder } from "@evan/opus";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";

export const sampleRate = 48_000;
const frameSamples = sampleRate / 50;
const frameTime = 20;
/**
 * As loud as a quiet street. A browser's echo canceller takes a loud steady sound for what comes back from the loudspeaker, and for
 * six seconds lets nothing of its person through.
 */
const amplitude = 500;

/** Samples of a tone from sample number `from` on; silence for 0 Hz. */
export function toneSamples(hertz: number, from: number, count: number): Int16Array {
  const step = (2 * Math.PI * hertz) / sampleRate;
  return Int16Array.from({ length: count }, (_, i) => Math.round(amplitude * Math.sin(step * (from + i))));
}

/** Speaks until stopped. Frames keep the clock's pace also when the timer comes late. */
export function startMicrophone(hertz: number, send: (packet: RtpPacket) => void): { stop(): void } {
  const encoder = new Encoder({ channels: 1, sample_rate: sampleRate, application: "audio" });
  const offset = randomInt(2 ** 31);
  const began = performance.now();
  let frames = 0;
  let sequence = randomInt(2 ** 16);
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - began) / frameTime);
    // More than 100 ms behind, the rest is not made up for.
    if (due - frames > 5) frames = due - 1;
    for (; frames < due; frames++) {
      const payload = Buffer.from(encoder.encode(toneSamples(hertz, frames * frameSamples, frameSamples)));
      sequence = (sequence + 1) & 0xffff;
      const timestamp = (offset + frames * frameSamples) >>> 0;
      send({ payloadType: 0, marker: frames === 0, sequence, timestamp, ssrc: 0, payload });
    }
  }, frameTime / 2);
  return { stop: () => clearInterval(timer) };
}
