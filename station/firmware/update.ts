/** One attempt at an update, from what is signed to an image that will be tried at the next start. It can be cut off anywhere. */
import { emptied, numberOf, otherSlot, withTrial } from "#core/firmware/boot.ts";
import type { Manifest } from "#core/firmware/manifest.ts";
import { receivedOctets } from "#core/firmware/plan.ts";
import {
  type NamePlate,
  type Refusal,
  type Release,
  refusalOf,
  releaseFor,
  type Sha256,
} from "#core/firmware/release.ts";
import type { Up } from "#core/messages/device.ts";
import type { Disk } from "../disk.ts";
import type { Gate } from "./gate.ts";
import { readJournal, writeJournal } from "./journal.ts";
import { EndedError, isWhole, type Receiving, receive } from "./receive.ts";
import { readBoot, saveBoot, slotPath } from "./slots.ts";
import { refreshTrust, type Source } from "./trust.ts";

export interface Updating {
  disk: Disk;
  /** Where slots, notes and metadata lie. */
  folder: string;
  plate: NamePlate;
  factoryRoot: Uint8Array;
  source: Source;
  /** By the device's clock. Milliseconds since the epoch. */
  now(): number;
  /** A certain release. Absent: the newest. */
  wanted?: number;
  gate: Gate;
  /** Asked once the image is whole, however long it takes to answer. False: it is not to be started after all. */
  mayStart?(release: Release): Promise<boolean>;
  onProgress(progress: Up<"progress">): void;
}

export type UpdateOutcome =
  | { outcome: "nothing-newer" }
  | { outcome: "refused"; refusal: Refusal; release: Release }
  /** It lies whole in the idle slot, and is not started. */
  | { outcome: "put-off" }
  /** It starts on trial at the next start. */
  | { outcome: "installed"; release: Release }
  /** It may be tried again, and goes on from here. */
  | { outcome: "failed"; reason: string };

/** What was received is synced and noted after as much as a packet, and on a slow line after this time. Milliseconds. */
const noteAfter = 5_000;
/** Rounds in which packets that the disk has spoilt meanwhile are fetched again. */
const rounds = 3;

export async function update(updating: Updating): Promise<UpdateOutcome> {
  const { disk, folder, plate, source, wanted } = updating;
  try {
    const trusted = await refreshTrust(disk, `${folder}/metadata`, updating.factoryRoot, source, updating.now());
    const offered = releaseFor(trusted.releases, plate, wanted);
    if (!offered) return { outcome: "nothing-newer" };
    const state = readBoot(disk, folder);
    const history = { installed: numberOf(state), floor: state.floor, failed: state.failed };
    const refusal = refusalOf(offered, plate, history);
    if (refusal === "not-newer") return { outcome: "nothing-newer" };
    if (refusal) return { outcome: "refused", refusal, release: offered };
    if (state.trial) {
      // It may be running: nothing else is written over it before it is judged.
      if (state.slots[state.trial.slot]?.release.number === offered.number)
        return { outcome: "installed", release: offered };
      return { outcome: "failed", reason: "another image is on trial" };
    }
    const { manifest, digest } = await trusted.packetsOf(offered);
    await fill(updating, manifest, digest);
    if ((await updating.mayStart?.(offered)) === false) return { outcome: "put-off" };
    saveBoot(disk, folder, withTrial(readBoot(disk, folder), { release: offered, image: manifest.image }));
    return { outcome: "installed", release: offered };
  } catch (error) {
    return { outcome: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Brings the idle slot to hold the image, every packet verified and synced. */
async function fill(updating: Updating, manifest: Manifest, digest: Sha256): Promise<void> {
  const { disk, folder, source, gate } = updating;
  const { slot, received } = beginOrGoOn(updating, manifest, digest);
  const file = disk.open(slotPath(folder, slot), "update");
  const { number, size } = manifest.release;
  let repeated = 0;
  let noted = { octets: receivedOctets(received), at: performance.now() };

  const report = (phase: Up<"progress">["phase"]) =>
    updating.onProgress({ release: number, phase, received: receivedOctets(received), size, repeated });
  const note = () => {
    disk.sync(file);
    writeJournal(disk, folder, { manifest: digest, received });
    noted = { octets: receivedOctets(received), at: performance.now() };
    report("loading");
  };
  const receiving: Receiving = {
    disk,
    file,
    manifest,
    received,
    source,
    gate,
    onChange(change) {
      if (change === "damaged") repeated += 1;
      const more = receivedOctets(received) - noted.octets >= manifest.packetSize;
      if (more || performance.now() - noted.at >= noteAfter) note();
    },
  };

  try {
    report("loading");
    for (let round = 0; round < rounds; round++) {
      try {
        await receive(receiving);
      } finally {
        note();
      }
      report("checking");
      const spoilt = await spoiltPackets(receiving);
      if (spoilt.length === 0) return;
      for (const packet of spoilt) received[packet] = 0;
      repeated += spoilt.length;
    }
    throw new EndedError("the disk does not keep what is written");
  } finally {
    disk.close(file);
  }
}

/** The whole image as the disk has it, also what an earlier attempt left there. */
async function spoiltPackets(receiving: Receiving): Promise<number[]> {
  const spoilt: number[] = [];
  for (const packet of receiving.manifest.packets.keys()) {
    await receiving.gate.passed();
    if (!(await isWhole(receiving, packet))) spoilt.push(packet);
  }
  return spoilt;
}

/** Goes on where an attempt at the same manifest was cut off; else gives the idle slot up, and only then touches it. */
function beginOrGoOn({ disk, folder }: Updating, manifest: Manifest, digest: Sha256) {
  const state = readBoot(disk, folder);
  const slot = otherSlot(state.used);
  const kept = state.slots[slot] ? undefined : readJournal(disk, folder, digest, manifest.packets.length);
  if (kept) return { slot, received: [...kept] };
  saveBoot(disk, folder, emptied(state));
  const received = manifest.packets.map(() => 0);
  const file = disk.open(slotPath(folder, slot), "update");
  try {
    disk.resize(file, manifest.release.size);
    disk.sync(file);
  } finally {
    disk.close(file);
  }
  disk.syncFolder(folder);
  writeJournal(disk, folder, { manifest: digest, received });
  return { slot, received };
}
