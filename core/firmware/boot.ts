/**
 * Two slots, and which of them starts. A new image starts on trial; only when its health check says so does it become the one
 * that is used. A trial that does not get that far, silently or loudly, falls back to the slot that worked.
 */
import { z } from "zod";
import { release, sha256 } from "./release.ts";

export const slotNames = ["a", "b"] as const;
export type Slot = (typeof slotNames)[number];

export const installed = z.object({ release, image: sha256 });
export type Installed = z.infer<typeof installed>;

export const bootState = z.object({
  /** The slot that was healthy last. */
  used: z.enum(slotNames),
  slots: z.object({ a: installed.nullable(), b: installed.nullable() }),
  trial: z.object({ slot: z.enum(slotNames), triesLeft: z.number().int().min(0) }).nullable(),
  /** The highest security floor that was ever signed to this device. */
  floor: z.number().int().min(0),
  /** The last release whose trial failed here: it is not tried again. */
  failed: z.number().int().min(1).nullable(),
});
export type BootState = z.infer<typeof bootState>;

/** Starts that a new image gets to show that it is healthy: a power cut may spoil one. */
const tries = 2;

export const otherSlot = (slot: Slot): Slot => (slot === "a" ? "b" : "a");

/** As it leaves the factory: one image in slot a. */
export const fromFactory = (image: Installed): BootState => ({
  used: "a",
  slots: { a: image, b: null },
  trial: null,
  floor: image.release.securityFloor,
  failed: null,
});

/** The slot that a new image is written to is given up first: half an image is none. */
export function emptied(state: BootState): BootState {
  return { ...state, trial: null, slots: { ...state.slots, [otherSlot(state.used)]: null } };
}

/** An image lies whole and verified in the other slot: it is tried at the next start. */
export function withTrial(state: BootState, image: Installed): BootState {
  const slot = otherSlot(state.used);
  return {
    ...state,
    slots: { ...state.slots, [slot]: image },
    trial: { slot, triesLeft: tries },
    floor: Math.max(state.floor, image.release.securityFloor),
  };
}

export interface Start {
  slot: Slot;
  /** To be on the disk before the slot is started. */
  state: BootState;
  /**
   * `trial`: the health check is to decide. `fallen-back`: a trial has failed. `update-only`: what worked lies below the
   * security floor, so that the device takes no calls, says so, and only fetches a newer release.
   */
  mode: "normal" | "trial" | "fallen-back" | "update-only";
}

/** Which slot starts. @param intact whether a slot's image still has its hash */
export function startOf(state: BootState, intact: (slot: Slot) => boolean): Start {
  const { trial, used, floor } = state;
  if (trial && trial.triesLeft > 0 && intact(trial.slot)) {
    const next = { ...state, trial: { ...trial, triesLeft: trial.triesLeft - 1 } };
    return { slot: trial.slot, state: next, mode: "trial" };
  }
  const failed = trial ? (state.slots[trial.slot]?.release.number ?? null) : state.failed;
  const next = { ...state, trial: null, failed };
  if (numberOf(state) < floor) return { slot: used, state: next, mode: "update-only" };
  return { slot: used, state: next, mode: trial ? "fallen-back" : "normal" };
}

/** The image on trial has passed its health check. */
export function healthy(state: BootState): BootState {
  return state.trial ? { ...state, used: state.trial.slot, trial: null } : state;
}

/** The number of the release that was healthy last. */
export const numberOf = (state: BootState): number => state.slots[state.used]?.release.number ?? 0;
