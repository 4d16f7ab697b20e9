/**
 * What an image of the reference station holds: a line that names it, and whatever comes after. Its program is the one that runs
 * already; starting an image is reading that line, and one that does not begin with it does not run.
 */
import { randomBytes } from "node:crypto";
import type { Slot } from "#core/firmware/boot.ts";
import type { Disk } from "../disk.ts";
import { slotPath } from "./slots.ts";

const word = "symphony-station ";
const longestName = 64;

/** @returns an image of a few kilobytes under this name */
export function newImage(name: string): Uint8Array {
  return Buffer.concat([Buffer.from(`${word}${name}\n`), randomBytes(4096)]);
}

/** Undefined where the slot holds nothing that runs. */
export function nameOfImage(disk: Disk, folder: string, slot: Slot): string | undefined {
  try {
    const file = disk.open(slotPath(folder, slot), "read");
    try {
      const begin = new Uint8Array(word.length + longestName + 1);
      const read = disk.read(file, begin, 0);
      return /^symphony-station ([\x20-\x7e]{1,64})\n/.exec(
        Buffer.from(begin.subarray(0, read)).toString("latin1"),
      )?.[1];
    } finally {
      disk.close(file);
    }
  } catch {
    return undefined;
  }
}
