/** How loud a microphone hears. */

/** Looks at a track this often. Milliseconds. */
export const listenEvery = 100;

/** @param onLevel told the peak since the last look, 0 to 1. @returns a function that stops looking; the track goes on */
export function listenTo(track: MediaStreamTrack, onLevel: (peak: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    onLevel(samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0));
  }, listenEvery);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** What a meter shows of a peak: as ears do, by decibels, from -45 (a quiet room) to -10 (close speech). @returns 0 to 1 */
export const meterLevel = (peak: number): number => Math.min(1, Math.max(0, (20 * Math.log10(peak) + 45) / 35));
