/** A page's received sound, sample by sample: whether a tone in it was ever interrupted, and for how long. */
import type { Page } from "playwright-core";

export interface Heard {
  /** The longest time without the tone, in milliseconds. */
  gap: number;
  /** Sound that the browser had to make up for, in milliseconds: packets that were lost or late. */
  concealed: number;
  /** How long was listened, in milliseconds. */
  listened: number;
}

/** One chunk of a track: when it began, how long it is (microseconds, the track's clock), and how loud the tone is in it. */
interface Chunk {
  at: number;
  length: number;
  amplitude: number;
}

declare global {
  /** Chromium's, for sound alone (W3C, MediaStreamTrack Insertable Media Processing). */
  class MediaStreamTrackProcessor {
    constructor(init: { track: MediaStreamTrack; maxBufferSize?: number });
    readonly readable: ReadableStream<AudioData>;
  }
  interface Window {
    listening?: { stop(): Promise<{ tracks: Chunk[][]; concealed: number }> };
  }
}

/** Begins to listen for the tone (Hz) in everything that this page receives; call the answer to stop and to be told. */
export async function listenFor(page: Page, hertz: number): Promise<() => Promise<Heard>> {
  await page.evaluate((hertz) => {
    const concealedSamples = async () => {
      let samples = 0;
      for (const receiver of window.receivers)
        for (const report of (await receiver.getStats()).values())
          if (report.type === "inbound-rtp" && report.kind === "audio") samples += report.concealedSamples ?? 0;
      return samples;
    };
    /** Goertzel's algorithm over one chunk. */
    const amplitude = (samples: Float32Array, rate: number) => {
      const k = 2 * Math.cos((2 * Math.PI * hertz) / rate);
      let [s1, s2] = [0, 0];
      for (const x of samples) [s1, s2] = [x + k * s1 - s2, s1];
      return (2 * Math.sqrt(Math.max(s1 * s1 + s2 * s2 - k * s1 * s2, 0))) / samples.length;
    };
    const before = concealedSamples();
    const recordings = window.receivedAudio
      .filter(({ track }) => track.readyState === "live")
      .map(({ track }) => {
        const chunks: Chunk[] = [];
        // A copy: the page's own ends with the call.
        const copy = track.clone();
        const reader = new MediaStreamTrackProcessor({ track: copy, maxBufferSize: 1_000 }).readable.getReader();
        const read = async () => {
          for (;;) {
            const { value, done } = await reader.read();
            if (done) return;
            const samples = new Float32Array(value.numberOfFrames);
            value.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
            const { timestamp: at, duration: length, sampleRate } = value;
            value.close();
            chunks.push({ at, length, amplitude: amplitude(samples, sampleRate) });
          }
        };
        return { chunks, ended: read(), stop: () => copy.stop() };
      });
    window.listening = {
      async stop() {
        for (const recording of recordings) recording.stop();
        await Promise.all(recordings.map(({ ended }) => ended));
        const tracks = recordings.map(({ chunks }) => chunks);
        return { tracks, concealed: ((await concealedSamples()) - (await before)) / 48 };
      },
    };
  }, hertz);
  return async () => {
    const listened = await page.evaluate(() => window.listening?.stop());
    if (!listened) throw new Error("the page was left while it was listened to");
    const loudest = listened.tracks.toSorted((a, b) => middleOf(b) - middleOf(a))[0] ?? [];
    return { ...longestGap(loudest), concealed: listened.concealed };
  };
}

/** The median loudness. */
const middleOf = (chunks: readonly Chunk[]): number =>
  chunks.map(({ amplitude }) => amplitude).toSorted((a, b) => a - b)[chunks.length >> 1] ?? 0;

/** The longest time from one chunk with the tone to the next: at least half as loud as it mostly is. */
export function longestGap(chunks: readonly Chunk[]): Pick<Heard, "gap" | "listened"> {
  const [first, last] = [chunks[0], chunks.at(-1)];
  if (!first || !last) return { gap: Number.POSITIVE_INFINITY, listened: 0 };
  const enough = middleOf(chunks) / 2;
  let [until, gap] = [first.at, 0];
  for (const { at, length, amplitude } of chunks) {
    if (amplitude < enough) continue;
    gap = Math.max(gap, at - until);
    until = at + length;
  }
  gap = Math.max(gap, last.at + last.length - until);
  return { gap: gap / 1_000, listened: (last.at + last.length - first.at) / 1_000 };
}
