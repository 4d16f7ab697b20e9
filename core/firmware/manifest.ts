/**
 * The packet manifest: what an image is made of, packet by packet, each with its hash, so that each is judged as it arrives and
 * only what is damaged is asked for again. The manifest is the TUF target: who signs it has signed every packet.
 */
import { z } from "zod";
import { release, sha256 } from "./release.ts";

/** Large enough that a request costs little beside its bytes, small enough that a damaged one is soon fetched again. Octets. */
export const packetSize = 4 * 1024 * 1024;

export const manifest = z
  .object({
    format: z.literal(1),
    release,
    /** Of the whole image; it is also its address. */
    image: sha256,
    /** Octets of each packet but the last. */
    packetSize: z
      .number()
      .int()
      .min(1024)
      .max(16 * 1024 * 1024),
    packets: z.array(sha256).min(1).max(16_384),
  })
  .refine(
    (one) => one.packets.length === Math.ceil(one.release.size / one.packetSize),
    "as many packets as the image's size asks for",
  );
export type Manifest = z.infer<typeof manifest>;

/** Octets of the largest manifest: 16,384 packets with 67 octets each. */
export const largestManifest = 2 * 1024 * 1024;

/** Where in the image a packet lies: its first octet, and how many there are. */
export function packetAt(
  { release, packetSize }: Pick<Manifest, "release" | "packetSize">,
  packet: number,
): { start: number; length: number } {
  const start = packet * packetSize;
  return { start, length: Math.min(packetSize, release.size - start) };
}
