/** An ear at the page's loudspeaker: which tone a person would hear, and how loud. */
import type { Page } from "playwright-core";

declare global {
  interface Window {
    ear: AnalyserNode | undefined;
  }
}

/** Before the page loads. */
export async function listenIn(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const connect = AudioNode.prototype.connect;
    Object.defineProperty(AudioNode.prototype, "connect", {
      value(this: AudioNode, to: AudioNode, ...rest: number[]) {
        if (to instanceof AudioDestinationNode) {
          window.ear = new AnalyserNode(this.context, { fftSize: 8_192, smoothingTimeConstant: 0 });
          Reflect.apply(connect, this, [window.ear]);
        }
        return Reflect.apply(connect, this, [to, ...rest]);
      },
    });
  });
}

/** Waits until a tone sounds. @param frequency in hertz. @returns its level in decibels, at its loudest within 0.3 s */
export async function hears(page: Page, frequency: number): Promise<number> {
  const found = await page.waitForFunction(
    (wanted) => {
      const { ear } = window;
      if (!ear) return undefined;
      const bins = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(bins);
      const loudest = bins.indexOf(Math.max(...bins));
      const width = ear.context.sampleRate / ear.fftSize;
      const level = bins[loudest] ?? Number.NEGATIVE_INFINITY;
      if (level < -80 || Math.abs(loudest * width - wanted) > 2 * width) return undefined;
      return new Promise<number>((resolve) => {
        let highest = level;
        const timer = setInterval(() => {
          ear.getFloatFrequencyData(bins);
          highest = Math.max(highest, bins[loudest] ?? highest);
        }, 10);
        setTimeout(() => {
          clearInterval(timer);
          resolve(highest);
        }, 300);
      });
    },
    frequency,
    { polling: 20 },
  );
  const level = await found.jsonValue();
  if (typeof level !== "number") throw new Error("Nothing was heard");
  return level;
}

/** Waits until nothing sounds any more, so that what is heard next is not what was heard before. */
export async function silent(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const { ear } = window;
      if (!ear) return true;
      const bins = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(bins);
      return Math.max(...bins) < -80;
    },
    undefined,
    { polling: 20 },
  );
}
