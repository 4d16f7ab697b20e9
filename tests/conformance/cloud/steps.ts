/** What every step of a judgement has in its hands. */
import type { Played } from "./played.ts";

export interface Steps {
  played: Played;
  /** What a person at the device has to do now. */
  ask(what: "switch-on" | "press" | "call", sentence: string): void;
  /** How long the device may take for a step, and a person for what is asked of them. Milliseconds. */
  patience: { device: number; person: number };
}

/** The key of the button that the played cloud gives the device. */
export const bell = "reception";
