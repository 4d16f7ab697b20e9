/** Cuts an image into packets, reading it a piece at a time. */
import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { type Manifest, manifest, packetSize } from "#core/firmware/manifest.ts";
import type { Release } from "#core/firmware/release.ts";

/** The file in pieces of `size` octets; the last may be shorter. */
export async function* piecesOf(path: string, size: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    if (!(chunk instanceof Uint8Array)) throw new Error("a file is octets");
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.subarray(at, at + size - filled);
      piece.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < size) continue;
      yield piece;
      piece = new Uint8Array(size);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.slice(0, filled);
}

/** @param about the release but for its size, which is the file's. Throws where the release or the file can't be. */
export async function cut(path: string, about: Omit<Release, "size">): Promise<Manifest> {
  const whole = createHash("sha256");
  const packets: string[] = [];
  for await (const packet of piecesOf(path, packetSize)) {
    whole.update(packet);
    packets.push(createHash("sha256").update(packet).digest("hex"));
  }
  const release = { ...about, size: statSync(path).size };
  return manifest.parse({ format: 1, release, image: whole.digest("hex"), packetSize, packets });
}
