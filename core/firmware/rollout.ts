/**
 * A rollout brings one release to the devices of one kind of hardware, a few first. Each step waits until its devices have
 * ended well and were left alone for a while; it stops by itself when failures rise. Pure: moments are in milliseconds.
 */
import { z } from "zod";
import { isOpen } from "../schedule/maintenance-window.ts";
import { takes, type Update } from "./policy.ts";
import type { DeviceState } from "./rollout-device.ts";

/**
 * `done`: every step was gone through; who was away is still told when it comes. `stopped`: nobody is told any more.
 * `replaced`: a newer release's rollout took its place.
 */
export const rolloutState = z.enum(["running", "awaits-approval", "paused", "done", "stopped", "replaced"]);
export type RolloutState = z.infer<typeof rolloutState>;

export const stopReason = z.enum(["failures", "by-person"]);

export interface Rollout {
  state: RolloutState;
  /** Why it stopped. */
  reason: z.infer<typeof stopReason> | null;
  /** How many percent of the devices have been told at the end of each step. */
  steps: readonly number[];
  /** The step it is at, from 0. */
  step: number;
  stepSince: number;
  /** Somebody is asked before each step but the first. */
  approval: boolean;
}

export const usualSteps: readonly number[] = [1, 10, 100];

/** It stops when more of those that have ended failed. Percent. */
export const tolerated = 5;
/** A step does not wait longer for devices that are away. */
export const stepTime = 3 * 24 * 60 * 60_000;
/** So long its devices have to run well before the next step: some faults show only after hours. */
export const soakTime = 12 * 60 * 60_000;

export const begun = (at: number, { approval, steps = usualSteps }: { approval: boolean; steps?: readonly number[] }) =>
  ({ state: "running", reason: null, steps, step: 0, stepSince: at, approval }) satisfies Rollout;

/** How the devices of one step are. Those that have left are not counted. */
export interface Tally {
  waits: number;
  /** Told, or further, and not ended yet. */
  underWay: number;
  healthy: number;
  failed: number;
  /** When one of them ended last. */
  endedAt: number | null;
}

export const nobody: Tally = { waits: 0, underWay: 0, healthy: 0, failed: 0, endedAt: null };

export const together = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (sum, one) => ({
      waits: sum.waits + one.waits,
      underWay: sum.underWay + one.underWay,
      healthy: sum.healthy + one.healthy,
      failed: sum.failed + one.failed,
      endedAt: Math.max(sum.endedAt ?? 0, one.endedAt ?? 0) || null,
    }),
    nobody,
  );

const size = ({ waits, underWay, healthy, failed }: Tally): number => waits + underWay + healthy + failed;

/** Which step each device belongs to. Drawn by device and release, so that it is not always the same door that goes first. */
export function stepsOf<Id extends string>(
  devices: readonly Id[],
  release: number,
  steps: readonly number[],
): Map<Id, number> {
  const drawn = devices.map((id) => ({ id, lot: lotOf(`${release}/${id}`) }));
  const inTurn = drawn.toSorted((one, other) => one.lot - other.lot || (one.id < other.id ? -1 : 1));
  const told = steps.map((percent) => Math.ceil((devices.length * percent) / 100));
  return new Map(
    inTurn.map(({ id }, place) => {
      const step = told.findIndex((count) => place < count);
      return [id, step < 0 ? steps.length - 1 : step];
    }),
  );
}

/** FNV-1a, with its bits mixed once more: neighbours in name are none in turn. */
function lotOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < text.length; n++) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Whether devices may still be told of it: such a one gives way to a newer release's. */
export const isOpenRollout = ({ state }: Pick<Rollout, "state">): boolean =>
  state !== "stopped" && state !== "replaced";

const failsTooOften = ({ healthy, failed }: Tally): boolean => failed * 100 > tolerated * (healthy + failed);

/** What follows from how its devices are. The same object where nothing does. */
export function moveOn(rollout: Rollout, tallies: readonly Tally[], now: number): Rollout {
  const { state, step, stepSince } = rollout;
  if (!isOpenRollout(rollout)) return rollout;
  const all = together(tallies);
  if (failsTooOften(all)) return { ...rollout, state: "stopped", reason: "failures" };
  if (state !== "running") return rollout;
  const waits = tallies[step]?.waits ?? 0;
  if (all.underWay > 0 || (waits > 0 && now < stepSince + stepTime)) return rollout;
  const next = nextStep(rollout, tallies);
  if (next === undefined) return { ...rollout, state: "done" };
  const soFar = together(tallies.slice(0, step + 1));
  if (now < (soFar.endedAt ?? 0) + soakTime) return rollout;
  // Nobody could be reached, so nobody vouches for it: that is not for a table to decide.
  const unproven = size(soFar) > 0 && soFar.healthy === 0;
  return rollout.approval || unproven ? { ...rollout, state: "awaits-approval" } : at(rollout, next, now);
}

const at = (rollout: Rollout, step: number, now: number): Rollout => ({
  ...rollout,
  state: "running",
  step,
  stepSince: now,
});

/** A fleet of three has no ten percent: steps without devices are left out. */
function nextStep({ step, steps }: Rollout, tallies: readonly Tally[]): number | undefined {
  const next = steps.findIndex((_, n) => n > step && size(tallies[n] ?? nobody) > 0);
  return next < 0 ? undefined : next;
}

export const decision = z.enum(["pause", "resume", "approve", "stop"]);
export type Decision = z.infer<typeof decision>;

/** What a person decides. Undefined: it can't be decided as it stands. */
export function decide(rollout: Rollout, what: Decision, tallies: readonly Tally[], now: number): Rollout | undefined {
  const { state } = rollout;
  switch (what) {
    case "pause":
      return state === "running" || state === "awaits-approval" ? { ...rollout, state: "paused" } : undefined;
    case "resume":
      return state === "paused" ? { ...rollout, state: "running" } : undefined;
    case "approve": {
      if (state !== "awaits-approval") return undefined;
      const next = nextStep(rollout, tallies);
      return next === undefined ? { ...rollout, state: "done" } : at(rollout, next, now);
    }
    case "stop":
      return isOpenRollout(rollout) ? { ...rollout, state: "stopped", reason: "by-person" } : undefined;
  }
}

/** A device of a rollout, as far as it matters for telling it. */
export interface Candidate {
  state: DeviceState;
  step: number;
  /** Whether the release mends a weakness of what it runs. */
  critical: boolean;
  connected: boolean;
  timeZone: string;
  update: Update;
}

/**
 * Whether a device is told now: it is its turn, it is there, its policy takes the release, and its window is open. Where a
 * person began the rollout, they have decided for every device.
 */
export function mayTell(
  rollout: Pick<Rollout, "state" | "step"> & { byPerson: boolean },
  one: Candidate,
  now: number,
): boolean {
  const turn = rollout.state === "done" || (rollout.state === "running" && one.step <= rollout.step);
  const taken = rollout.byPerson || takes(one.update.policy, one.critical);
  return turn && one.state === "waits" && one.connected && taken && isOpen(one.update.windows, one.timeZone, now);
}
