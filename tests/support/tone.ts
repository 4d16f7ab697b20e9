/** Tones drawn at random for each run, and the measuring of what arrived. Samples are mono, 16 bit or float. */
import { randomInt } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

/** A frequency no echo canceller or codec minds, in steps that 20 ms windows can tell apart. Hz. */
export function randomTone(): number {
  return 400 + 50 * randomInt(0, 24);
}

/** Syllables a second. */
const pace = 5;

/**
 * Writes a mono 16-bit WAV file of a tone. `seconds` of it, at `rate` samples a second. `loudness` of 32,767.
 * `spoken`: it swells and fades as speech does, since a browser takes a steady tone in its microphone for a noise, and suppresses it.
 */
export function writeToneFile(
  path: string,
  hertz: number,
  { seconds = 30, rate = 48_000, loudness = 12_000, spoken = false } = {},
): void {
  const count = seconds * rate;
  const file = Buffer.alloc(44 + count * 2);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + count * 2, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20); // PCM
  file.writeUInt16LE(1, 22); // mono
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(count * 2, 40);
  for (let i = 0; i < count; i++) {
    const swell = spoken ? 1.3 - Math.cos((2 * Math.PI * pace * i) / rate) : 1;
    file.writeInt16LE(Math.round(loudness * swell * Math.sin((2 * Math.PI * hertz * i) / rate)), 44 + i * 2);
  }
  writeFileSync(path, file);
}

export interface Recording {
  rate: number;
  samples: Float32Array;
}

/** Reads a 16-bit WAV file, its first channel. A file still being written is read as far as it goes. */
export function readWav(path: string): Recording {
  const file = readFileSync(path);
  if (file.length < 44) return { rate: 48_000, samples: new Float32Array(0) };
  const channels = file.readUInt16LE(22);
  const rate = file.readUInt32LE(24);
  const count = Math.floor((file.length - 44) / 2 / channels);
  const samples = new Float32Array(count);
  for (let i = 0; i < count; i++) samples[i] = file.readInt16LE(44 + i * 2 * channels) / 32_768;
  return { rate, samples };
}

/** Amplitude of one frequency in the samples, 0 to 1 (Goertzel's algorithm). */
export function amplitudeAt(recording: Recording, hertz: number): number {
  const k = 2 * Math.cos((2 * Math.PI * hertz) / recording.rate);
  let s1 = 0;
  let s2 = 0;
  for (const x of recording.samples) {
    const s = x + k * s1 - s2;
    s2 = s1;
    s1 = s;
  }
  const power = s1 * s1 + s2 * s2 - k * s1 * s2;
  return (2 * Math.sqrt(Math.max(power, 0))) / Math.max(recording.samples.length, 1);
}

/** Root mean square of the samples, 0 to 1. Silence is below 0.001. */
export function loudness({ samples }: Recording): number {
  let sum = 0;
  for (const x of samples) sum += x * x;
  return Math.sqrt(sum / Math.max(samples.length, 1));
}

/** The loudest of the frequencies {@link randomTone} draws and those 1600 Hz above, or undefined where it is silent. Hz. */
export function dominantTone(recording: Recording): number | undefined {
  if (recording.samples.length < recording.rate / 10 || loudness(recording) < 0.005) return undefined;
  let best = 0;
  let loudest = 0;
  for (let hertz = 400; hertz < 3200; hertz += 50) {
    const amplitude = amplitudeAt(recording, hertz);
    if (amplitude > loudest) [best, loudest] = [hertz, amplitude];
  }
  return loudest > 0.005 ? best : undefined;
}

/** The recording from `from` to `to`, in seconds; negative counts from its end. */
export function part(recording: Recording, from: number, to?: number): Recording {
  const at = (seconds: number) => Math.round(seconds * recording.rate);
  return {
    rate: recording.rate,
    samples: recording.samples.slice(at(from), to === undefined ? undefined : at(to)),
  };
}

/** Where that tone is loud in the recording, longer than 50 ms: when it begins and how long it lasts, in seconds. */
export function loudSpans(recording: Recording, hertz: number): { from: number; length: number }[] {
  const window = 0.02;
  const spans: { from: number; length: number }[] = [];
  for (let n = 0; (n + 1) * window * recording.rate <= recording.samples.length; n++) {
    const from = n * window;
    if (amplitudeAt(part(recording, from, from + window), hertz) < 0.1) continue;
    const last = spans.at(-1);
    if (last && from - (last.from + last.length) < window / 2) last.length = from + window - last.from;
    else spans.push({ from, length: window });
  }
  return spans.filter(({ length }) => length > 0.05);
}
