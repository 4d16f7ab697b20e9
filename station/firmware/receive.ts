/**
 * Fetches the packets of an image, several at a time, straight into a slot. Each is judged when it is whole, by what lies on the disk;
 * a broken connection goes on inside its packet, and only what is damaged is fetched again.
 */
import type { IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { imageName } from "#core/firmware/addresses.ts";
import { type Manifest, packetAt } from "#core/firmware/manifest.ts";
import { type Missing, missingOf, missingPackets, type Outcome, reactTo } from "#core/firmware/plan.ts";
import type { Disk } from "../disk.ts";
import type { Gate } from "./gate.ts";
import { hashOnDisk } from "./slots.ts";
import type { Source } from "./trust.ts";

/** Connections at once: hides the time that each request takes, and leaves a thin line some room. */
export const connections = 4;

export interface Receiving {
  disk: Disk;
  /** The slot's file. */
  file: number;
  manifest: Manifest;
  /** Counted up as octets arrive. */
  received: number[];
  source: Source;
  gate: Gate;
  /** Octets were written, or a packet turned out to be damaged. */
  onChange(change: "octets" | "damaged"): void;
}

/** The attempt has ended; another may be made later and goes on from here. */
export class EndedError extends Error {}

/** Fetches all that is missing. Throws {@link EndedError} where that can't be had. */
export async function receive(receiving: Receiving): Promise<void> {
  const { manifest, received } = receiving;
  const queue = missingPackets(manifest, received);
  let ended = false;
  async function work(): Promise<void> {
    for (let packet = queue.shift(); packet !== undefined && !ended; packet = queue.shift()) {
      await receivePacket(receiving, packet, () => ended);
    }
  }
  const workers = Array.from({ length: connections }, () =>
    work().catch((error: unknown) => {
      ended = true;
      throw error;
    }),
  );
  // All have stopped writing before anyone goes on.
  const failure = (await Promise.allSettled(workers)).find((one) => one.status === "rejected");
  if (failure) throw failure.reason;
}

async function receivePacket(receiving: Receiving, packet: number, ended: () => boolean): Promise<void> {
  const { manifest, received, gate } = receiving;
  let fruitless = 0;
  let damaged = 0;
  while (!ended()) {
    const missing = missingOf(manifest, received, packet);
    let outcome: Outcome | "arrived";
    if (missing) {
      await gate.passed();
      outcome = await fetchMissing(receiving, missing);
    } else {
      if (await isWhole(receiving, packet)) return;
      received[packet] = 0;
      receiving.onChange("damaged");
      outcome = { kind: "damaged", times: ++damaged };
    }
    if (outcome === "arrived") continue;
    fruitless = outcome.kind === "broken" && outcome.progressed ? 0 : fruitless + 1;
    const reaction = reactTo(outcome, fruitless, Math.random());
    if (reaction.do === "end") throw new EndedError(reaction.reason);
    await pause(reaction.after);
  }
}

/** Whether a packet on the disk is what was signed. */
export async function isWhole({ disk, file, manifest }: Omit<Receiving, "onChange">, packet: number): Promise<boolean> {
  const { start, length } = packetAt(manifest, packet);
  return (await hashOnDisk(disk, file, start, length)) === manifest.packets[packet];
}

async function fetchMissing(receiving: Receiving, missing: Missing): Promise<Outcome | "arrived"> {
  const { source, manifest } = receiving;
  const url = `${source.content}/${imageName(manifest.image)}`;
  const headers = { range: `bytes=${missing.start}-${missing.end - 1}`, "if-range": `"${manifest.image}"` };
  let response: IncomingMessage;
  try {
    response = await source.client.get(url, headers);
  } catch {
    return { kind: "broken", progressed: false };
  }
  const status = response.statusCode ?? 0;
  const expected = `bytes ${missing.start}-${missing.end - 1}/${manifest.release.size}`;
  if (status !== 206 || response.headers["content-range"] !== expected) {
    response.destroy();
    if (status === 206 || status < 400) throw new EndedError("ranges-not-served");
    return { kind: "status", status };
  }
  return take(receiving, missing, response);
}

/** Writes what comes, and no more than was asked for. */
async function take(receiving: Receiving, missing: Missing, response: IncomingMessage): Promise<Outcome | "arrived"> {
  const { disk, file, received, gate } = receiving;
  let at = missing.start;
  const octets: AsyncIterator<Buffer> = response[Symbol.asyncIterator]();
  for (;;) {
    // Only what the line does may be taken for a broken connection: what the disk does is thrown on.
    const next = await octets.next().catch(() => undefined);
    if (!next || next.done) break;
    const chunk = next.value.subarray(0, missing.end - at);
    disk.write(file, chunk, at);
    at += chunk.length;
    received[missing.packet] = (received[missing.packet] ?? 0) + chunk.length;
    receiving.onChange("octets");
    if (gate.closed) await gate.passed();
  }
  return at === missing.end ? "arrived" : { kind: "broken", progressed: at > missing.start };
}
