/**
 * The sounds of the client, made by WebAudio: no file to load, nothing to wait for. Everything is scheduled ahead on the
 * audio clock, so a busy or hidden page does not stumble.
 */
import { keep } from "../kept.ts";
import { ringPeriod, ringSounds, ringTones, type Tone } from "./ring-tones.ts";

let context: AudioContext | undefined;
let master: GainNode | undefined;

const volumeKey = "symphony.volume";

/** Never 0: who wants no ring here says so by the switch, and then does not count as available. */
export const leastVolume = 0.1;

/** Of this browser's sounds, up to 1. */
export function volume(): number {
  const kept = Number.parseFloat(localStorage.getItem(volumeKey) ?? "");
  return Number.isFinite(kept) ? Math.min(1, Math.max(leastVolume, kept)) : 0.8;
}

export function setVolume(value: number): void {
  localStorage.setItem(volumeKey, String(value));
  if (master) master.gain.value = value;
}

/** A tab that rings turns to the volume that another one chose. */
window.addEventListener("storage", (event) => {
  if (event.key === volumeKey && master) master.gain.value = volume();
});

function output(): { context: AudioContext; master: GainNode } {
  if (!context || !master) {
    context = new AudioContext();
    master = context.createGain();
    master.gain.value = volume();
    master.connect(context.destination);
  }
  return { context, master };
}

/** True while the browser lets this page sound. */
export function sounding(): boolean {
  return context?.state === "running";
}

/** Tells when the browser stops or lets the sound; returns a function that stops telling. */
export function onSoundChange(call: () => void): () => void {
  const { context } = output();
  context.addEventListener("statechange", call);
  return () => context.removeEventListener("statechange", call);
}

/**
 * Plays a short sound and says whether it was really played to its end. Without a click the browser may leave the
 * context suspended: then this is false after `patience` milliseconds. `level` is 0 to 1.
 */
export async function prove({ level, patience }: { level: number; patience: number }): Promise<boolean> {
  const { context, master } = output();
  const source = context.createBufferSource();
  const length = Math.round(context.sampleRate * 0.12);
  const buffer = context.createBuffer(1, length, context.sampleRate);
  const samples = buffer.getChannelData(0);
  for (let i = 0; i < length; i++) {
    samples[i] = level * Math.sin((2 * Math.PI * 880 * i) / context.sampleRate) * Math.sin((Math.PI * i) / length);
  }
  source.buffer = buffer;
  source.connect(master);
  const played = new Promise<true>((resolve) => {
    source.onended = () => resolve(true);
  });
  const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), patience));
  void context.resume().catch(() => undefined);
  source.start();
  const heard = await Promise.race([played, late]);
  if (!heard) {
    source.onended = null;
    source.disconnect();
  }
  return heard && sounding();
}

/** @returns a function that silences what has not sounded yet, at once */
function play(tones: Tone[]): () => void {
  const { context, master } = output();
  const group = context.createGain();
  group.connect(master);
  const start = context.currentTime + 0.02;
  for (const tone of tones) {
    const oscillator = context.createOscillator();
    const envelope = context.createGain();
    oscillator.frequency.value = tone.frequency;
    const from = start + tone.at;
    envelope.gain.setValueAtTime(0, from);
    envelope.gain.linearRampToValueAtTime(tone.level, from + 0.02);
    envelope.gain.setValueAtTime(tone.level, from + tone.length - 0.08);
    envelope.gain.linearRampToValueAtTime(0, from + tone.length);
    oscillator.connect(envelope).connect(group);
    oscillator.start(from);
    oscillator.stop(from + tone.length);
  }
  return () => {
    group.gain.cancelScheduledValues(context.currentTime);
    group.gain.setTargetAtTime(0, context.currentTime, 0.008);
    setTimeout(() => group.disconnect(), 100);
  };
}

/** How the ring sounds here. Chosen in the account menu. */
export const ringSound = keep("ring-sound", ringSounds, "soft");

/** Rings for at most `seconds`. @returns a function that stops it at once */
export const playRing = (seconds: number) => play(ringTones(seconds, ringSound.get()));
/** The ring as it is once it has grown loud: to choose it by, and to test it. @returns a function that stops it */
export const playPreview = () => play(ringTones(ringPeriod, ringSound.get()).map((tone) => ({ ...tone, level: 0.5 })));
/** A station is being called. */
export const playCalling = (seconds: number) =>
  play(
    Array.from({ length: Math.ceil(seconds / 4) }, (_, n) => ({ frequency: 425, at: n * 4, length: 1, level: 0.12 })),
  );
/** A second caller during a call. */
export const playTick = () => play([{ frequency: 1_320, at: 0, length: 0.12, level: 0.25 }]);
/** The door is open. */
export const playOpened = () =>
  play([
    { frequency: 660, at: 0, length: 0.14, level: 0.25 },
    { frequency: 990, at: 0.14, length: 0.2, level: 0.25 },
  ]);
/** The door was not opened. */
export const playNotOpened = () => play([{ frequency: 220, at: 0, length: 0.35, level: 0.3 }]);
/** Half a minute is left. */
export const playWarning = () => play([{ frequency: 1_000, at: 0, length: 0.3, level: 0.3 }]);
