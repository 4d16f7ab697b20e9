/** How much of the image in the idle slot is on the disk: written down only after the slot was synced, so that it never says too much. */
import { join } from "node:path";
import { z } from "zod";
import type { Received } from "#core/firmware/plan.ts";
import { type Sha256, sha256 } from "#core/firmware/release.ts";
import type { Disk } from "../disk.ts";
import { writeWhole } from "../whole-file.ts";

const journal = z.object({ manifest: sha256, received: z.array(z.number().int().nonnegative()) });

const pathIn = (folder: string) => join(folder, "receiving.json");

/** What was received of this manifest's image; undefined where none was, or the note can't be read. */
export function readJournal(disk: Disk, folder: string, manifest: Sha256, packets: number): Received | undefined {
  const octets = disk.readAll(pathIn(folder));
  if (!octets) return undefined;
  try {
    const kept = journal.parse(JSON.parse(new TextDecoder().decode(octets)));
    return kept.manifest === manifest && kept.received.length === packets ? kept.received : undefined;
  } catch {
    return undefined;
  }
}

export function writeJournal(disk: Disk, folder: string, kept: { manifest: Sha256; received: Received }): void {
  writeWhole(pathIn(folder), JSON.stringify(kept), disk);
}
