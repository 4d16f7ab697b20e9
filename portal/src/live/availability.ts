/**
 * Who counts as available. A browser mutes a page that nobody touched, so the wish to be rung is not enough: a sound must
 * have been played to its end on this page. The wish is kept, the proof is not.
 */
import { onSoundChange, prove, sounding } from "./sound.ts";

export interface Availability {
  /** The person wants this browser to ring. */
  wished: boolean;
  /** This page has played a sound and still may. `unknown` until that was tried. */
  sound: "unknown" | "silent" | "on";
}

/** Both, or nobody should count on this browser. */
export const isAvailable = (availability: Availability): boolean => availability.wished && availability.sound === "on";

const wishKey = "symphony.rings-here";

export interface AvailabilityStore {
  get(): Availability;
  subscribe(call: () => void): () => void;
  /** From a click or a key press: plays a sound. False if the browser still keeps it back. */
  turnSoundOn(): Promise<boolean>;
  setWished(wished: boolean): void;
  close(): void;
}

export function createAvailability(): AvailabilityStore {
  let state: Availability = { wished: localStorage.getItem(wishKey) !== "no", sound: "unknown" };
  const listeners = new Set<() => void>();
  const change = (part: Partial<Availability>) => {
    state = { ...state, ...part };
    for (const call of listeners) call();
  };
  const onStorage = (event: StorageEvent) => {
    if (event.key === wishKey) change({ wished: event.newValue !== "no" });
  };
  window.addEventListener("storage", onStorage);
  const stopSound = onSoundChange(() => {
    if (state.sound === "on" && !sounding()) change({ sound: "silent" });
  });

  const turnSoundOn = async () => {
    const on = await prove({ level: 0.12, patience: 1_000 });
    change({ sound: on ? "on" : "silent" });
    return on;
  };
  // Some browsers let a page sound that the person uses often; then no click is needed. Only a page that is not muted
  // plays this to its end. It is played without level: nobody wants a tone for loading a page.
  void prove({ level: 0, patience: 800 }).then((allowed) => {
    if (state.sound === "unknown") change({ sound: allowed ? "on" : "silent" });
  });

  return {
    get: () => state,
    subscribe(call) {
      listeners.add(call);
      return () => listeners.delete(call);
    },
    turnSoundOn,
    setWished(wished) {
      localStorage.setItem(wishKey, wished ? "yes" : "no");
      change({ wished });
    },
    close() {
      window.removeEventListener("storage", onStorage);
      stopSound();
    },
  };
}
