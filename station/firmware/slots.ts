/** The two slots on the disk, and the note of which starts. The note is replaced whole, so there is always one that holds. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  type BootState,
  bootState,
  fromFactory,
  healthy,
  type Slot,
  type Start,
  startOf,
} from "#core/firmware/boot.ts";
import type { Release } from "#core/firmware/release.ts";
import { sha256 } from "#core/firmware/release.ts";
import type { Disk } from "../disk.ts";
import { writeWhole } from "../whole-file.ts";

const notePath = (folder: string) => join(folder, "boot.json");
export const slotPath = (folder: string, slot: Slot): string => join(folder, `slot-${slot}.img`);

/** Octets read at once. */
const piece = 256 * 1024;

/** SHA-256 of a stretch of a file, in hexadecimal; undefined where the file ends before. Lets others work in between. */
export async function hashOnDisk(disk: Disk, file: number, start: number, length: number): Promise<string | undefined> {
  const hash = createHash("sha256");
  const into = new Uint8Array(Math.min(piece, length));
  for (let at = start; at < start + length; ) {
    const read = disk.read(file, into.subarray(0, Math.min(piece, start + length - at)), at);
    if (read === 0) return undefined;
    hash.update(into.subarray(0, read));
    at += read;
    await new Promise(setImmediate);
  }
  return hash.digest("hex");
}

export const hasLeftFactory = (disk: Disk, folder: string): boolean => disk.readAll(notePath(folder)) !== undefined;

/** In the factory: the first image, in slot a. */
export function installFirst(disk: Disk, folder: string, release: Release, image: Uint8Array): void {
  disk.makeFolder(folder);
  writeWhole(slotPath(folder, "a"), image, disk);
  const digest = sha256.parse(createHash("sha256").update(image).digest("hex"));
  saveBoot(disk, folder, fromFactory({ release, image: digest }));
}

/** Throws where there is no note: the device never left its factory. */
export function readBoot(disk: Disk, folder: string): BootState {
  const octets = disk.readAll(notePath(folder));
  if (!octets) throw new Error("there is no note of what to start");
  return bootState.parse(JSON.parse(new TextDecoder().decode(octets)));
}

export function saveBoot(disk: Disk, folder: string, state: BootState): void {
  writeWhole(notePath(folder), JSON.stringify(state), disk);
}

async function isIntact(disk: Disk, folder: string, state: BootState, slot: Slot): Promise<boolean> {
  const held = state.slots[slot];
  if (!held) return false;
  try {
    const file = disk.open(slotPath(folder, slot), "read");
    try {
      return (await hashOnDisk(disk, file, 0, held.release.size)) === held.image;
    } finally {
      disk.close(file);
    }
  } catch {
    return false;
  }
}

/** What a boot loader does: decides which slot starts, notes it, and says so. */
export async function boot(disk: Disk, folder: string): Promise<Start> {
  const state = readBoot(disk, folder);
  const intact = state.trial ? await isIntact(disk, folder, state, state.trial.slot) : true;
  const start = startOf(state, () => intact);
  if (JSON.stringify(start.state) !== JSON.stringify(state)) saveBoot(disk, folder, start.state);
  return start;
}

/**
 * After a start on trial: keeps the image if it is healthy within `deadline` milliseconds. `restart`: it is not, or says nothing; the
 * next starts try again and then fall back.
 */
export async function judge(
  disk: Disk,
  folder: string,
  check: (signal: AbortSignal) => Promise<boolean>,
  deadline: number,
): Promise<"healthy" | "restart"> {
  const signal = AbortSignal.timeout(deadline);
  const silence = new Promise<false>((resolve) => signal.addEventListener("abort", () => resolve(false)));
  const well = await Promise.race([check(signal).catch(() => false), silence]);
  if (!well) return "restart";
  saveBoot(disk, folder, healthy(readBoot(disk, folder)));
  return "healthy";
}
