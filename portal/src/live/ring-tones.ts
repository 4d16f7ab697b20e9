/** How a ring sounds. Pure: when which tone, for how long and how loud. */

export interface Tone {
  /** Hertz. */
  frequency: number;
  /** Seconds after the start, and how long. */
  at: number;
  length: number;
  /** 0 to 1. */
  level: number;
}

export const ringSounds = ["soft", "chime", "low"] as const;
/** Two soft tones; a falling chime, to tell one desk from the next; low tones, for those who hear high ones badly. */
export type RingSound = (typeof ringSounds)[number];

/** Seconds between rings. */
export const ringPeriod = 2.5;

const patterns: Record<RingSound, Omit<Tone, "level">[]> = {
  soft: [
    { frequency: 660, at: 0, length: 0.4 },
    { frequency: 880, at: 0.4, length: 0.4 },
  ],
  chime: [
    { frequency: 1_047, at: 0, length: 0.5 },
    { frequency: 784, at: 0.35, length: 0.9 },
  ],
  low: [
    { frequency: 294, at: 0, length: 0.6 },
    { frequency: 392, at: 0.6, length: 0.6 },
  ],
};

/** The tones of a ring of `seconds`: one pattern every 2.5 s, louder over the first three. */
export function ringTones(seconds: number, sound: RingSound = "soft"): Tone[] {
  const tones: Tone[] = [];
  for (let n = 0; n * ringPeriod < seconds; n++) {
    const level = [0.18, 0.3, 0.42][n] ?? 0.5;
    for (const tone of patterns[sound]) tones.push({ ...tone, at: n * ringPeriod + tone.at, level });
  }
  return tones;
}
