/** What the station hears: Opus decoded, and once a second the loudest tone in it. */
import { Decoder } from "@evan/opus";
import type { RtpPacket } from "#media-nodes/sip-gateway/media/rtp.ts";
import { sampleRate } from "./microphone.ts";

/** Below this loudness (root mean square, 0 to 1) it is silence. */
const silence = 0.005;
const lowest = 100;
const highest = 4_000;
const coarse = 25;

/** Amplitude of one frequency, 0 to 1 (Goertzel's algorithm). */
function amplitudeAt(samples: Float32Array, hertz: number): number {
  const k = 2 * Math.cos((2 * Math.PI * hertz) / sampleRate);
  let s1 = 0;
  let s2 = 0;
  for (const x of samples) {
    const s = x + k * s1 - s2;
    s2 = s1;
    s1 = s;
  }
  return (2 * Math.sqrt(Math.max(s1 * s1 + s2 * s2 - k * s1 * s2, 0))) / Math.max(samples.length, 1);
}

/** The loudest tone from 100 to 4,000 Hz, to 5 Hz, in at most a fifth of a second from the middle. Undefined for silence. */
export function loudestTone(samples: Float32Array): number | undefined {
  const length = Math.min(samples.length, sampleRate / 5);
  const middle = samples.subarray((samples.length - length) >> 1, ((samples.length - length) >> 1) + length);
  let sum = 0;
  for (const x of middle) sum += x * x;
  if (length < sampleRate / 50 || Math.sqrt(sum / length) < silence) return undefined;
  // A window of a twenty-fifth of a second is broad enough that no tone falls between two coarse steps.
  const short = middle.subarray(0, sampleRate / 25);
  const best = loudest(short, lowest, highest, coarse);
  return loudest(middle, best - coarse, best + coarse, 5);
}

function loudest(samples: Float32Array, from: number, to: number, step: number): number {
  let best = from;
  let most = 0;
  for (let hertz = from; hertz <= to; hertz += step) {
    const amplitude = amplitudeAt(samples, hertz);
    if (amplitude > most) [best, most] = [hertz, amplitude];
  }
  return best;
}

export type Hearing = {
  hear(packet: RtpPacket): void;
  /** Packets since the last call, and the loudest tone among them. Then listens afresh. */
  take(): { packets: number; tone: number | undefined };
};

/** Listens to one stream. A packet that is no Opus counts, and is silent. */
export function hearing(): Hearing {
  const decoder = new Decoder({ channels: 1, sample_rate: sampleRate });
  const heard = new Float32Array(2 * sampleRate);
  let count = 0;
  let packets = 0;
  return {
    hear(packet) {
      packets++;
      try {
        const bytes = decoder.decode(packet.payload);
        const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
        for (const sample of samples.subarray(0, heard.length - count)) heard[count++] = sample / 32_768;
      } catch {
        // counted above: a report of packets without a tone tells the story
      }
    },
    take() {
      const result = { packets, tone: loudestTone(heard.subarray(0, count)) };
      count = 0;
      packets = 0;
      return result;
    },
  };
}
