/**
 * The station's own clock. It goes on from the latest of what the clock in its hardware says, what it knew last, and the day it was built;
 * only what core/device/clock.ts lets pass sets it. What it knew is kept, so that it does not fall behind it without power.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { judgeTime, type TimeVerdict } from "#core/device/clock.ts";
import { writeWhole } from "../whole-file.ts";

/** No build of this firmware is older. */
export const built = Date.UTC(2025, 0, 1);

export interface StationClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Sets it to what a time server says, if that is to be believed. @param witness what somebody else says */
  set(offered: number, witness?: number): TimeVerdict;
}

export interface ClockOptions {
  /** The clock in the hardware: without power it may have stood still. @default Date.now */
  hardware?: () => number;
  /** Milliseconds since the start, that nobody sets. @default performance.now */
  counted?: () => number;
}

const kept = z.object({ latest: z.number().int().positive() });

function readLatest(path: string): number {
  try {
    return kept.parse(JSON.parse(readFileSync(path, "utf8"))).latest;
  } catch {
    return built; // none yet, or a disk that lost it
  }
}

/** @param path where the last known time is kept */
export function openClock(
  path: string,
  { hardware = Date.now, counted = () => performance.now() }: ClockOptions = {},
): StationClock {
  const start = counted();
  const elapsed = () => counted() - start;
  // Each as it was at the start, or would have been: what has elapsed since comes on top.
  let latest = Math.max(built, readLatest(path));
  let reckoned = Math.max(latest, hardware());
  let shown = reckoned;

  function keep(latest: number): void {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeWhole(path, JSON.stringify({ latest } satisfies z.infer<typeof kept>));
    } catch {
      // A disk that is full stops no clock.
    }
  }

  return {
    now: () => Math.round(shown + elapsed()),
    set(offered, witness) {
      const since = elapsed();
      const verdict = judgeTime({ built, latest: latest + since, reckoned: reckoned + since }, offered, witness);
      if (!verdict.take) return verdict;
      shown = offered - since;
      if (verdict.witnessed) reckoned = shown;
      latest = Math.max(latest, shown);
      keep(Math.round(latest + since));
      return verdict;
    },
  };
}
