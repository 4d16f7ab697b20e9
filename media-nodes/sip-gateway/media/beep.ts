/** The double beep that says a talk ends soon, as Opus frames of 20 ms, encoded once a process. */
import { Encoder } from "@evan/opus";

const rate = 48_000;
const frame = rate / 50;
/** 160 ms of tone, 80 ms of silence, 160 ms of tone. */
const tones = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
/** Hz. */
export const beepPitch = 1000;
const loudness = 0.25;

let encoded: readonly Buffer[] | undefined;

/** The frames, in order. Mono in a 48 kHz Opus stream. */
export function beepFrames(): readonly Buffer[] {
  encoded ??= encode();
  return encoded;
}

function encode(): Buffer[] {
  const encoder = new Encoder({ channels: 1, sample_rate: rate, application: "audio" });
  return tones.map((on, index) => {
    const samples = new Int16Array(frame);
    for (let i = 0; i < frame && on === 1; i++) {
      const t = index * frame + i;
      // 5 ms of fade at the edges keep it from clicking.
      const before = tones[index - 1] === 1 ? 1 : Math.min(1, i / 240);
      const after = tones[index + 1] === 1 ? 1 : Math.min(1, (frame - i) / 240);
      samples[i] = Math.round(0x7fff * loudness * before * after * Math.sin((2 * Math.PI * beepPitch * t) / rate));
    }
    return Buffer.from(encoder.encode(samples));
  });
}
