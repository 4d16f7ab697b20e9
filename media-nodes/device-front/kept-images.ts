/**
 * Copies of the images that devices ask for, on this node's disk: an image is named by its hash and never changes, and the bucket is a
 * long way off. The first request for one is the edge's to answer, and has a copy fetched beside it. A copy is sent once it is
 * whole and its hash is the name's; what was asked for the longest time ago makes room.
 */
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import type http from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Logger } from "pino";
import { imageName } from "#core/firmware/addresses.ts";
import { octetsFor } from "#core/firmware/octets.ts";
import { largestImage, type Sha256, sha256 } from "#core/firmware/release.ts";

export interface KeptImagesOptions {
  /** Emptied at start: what a copy is worth is known of those alone that were made since. */
  folder: string;
  edgePort: number;
  log: Pick<Logger, "info" | "warn">;
  /** Octets of all copies together, and of one being made. */
  most?: number;
}

export interface KeptImages {
  /** Answers with octets of a copy. False: nothing was answered, and the edge is to. @param path of the address, without its query */
  answer(path: string, request: http.IncomingMessage, response: http.ServerResponse): Promise<boolean>;
}

/** Octets read at once: with fewer, reading costs more than encrypting, with more each connection holds more memory. */
const chunk = 256 * 1024;
/** Milliseconds that fetching a copy may take. */
const fetchTime = 30 * 60_000;
/** Milliseconds without another try after one that failed, and that a client may leave what it asked for unread. */
const pause = 60_000;

export function keepImages({ folder, edgePort, log, most = 4 * largestImage }: KeptImagesOptions): KeptImages {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  /** Octets of each copy; who was asked for last is last. */
  const kept = new Map<Sha256, number>();
  let fetching = false;
  let failedAt = Number.NEGATIVE_INFINITY;
  const fileOf = (image: Sha256) => join(folder, image);

  async function makeRoom(octets: number): Promise<void> {
    let held = [...kept.values()].reduce((sum, size) => sum + size, octets);
    for (const [image, size] of kept) {
      if (held <= most) return;
      kept.delete(image);
      held -= size;
      // Whoever is reading it goes on doing so.
      await rm(fileOf(image));
    }
  }

  async function fetchCopy(image: Sha256): Promise<void> {
    const address = `http://127.0.0.1:${edgePort}/firmware/${imageName(image)}`;
    const { ok, headers, body } = await fetch(address, { signal: AbortSignal.timeout(fetchTime) });
    const size = Number(headers.get("content-length"));
    if (!ok || !body || !(size > 0) || size > Math.min(largestImage, most)) return void (await body?.cancel());
    await makeRoom(size);
    const partial = `${fileOf(image)}.partial`;
    const hash = createHash("sha256");
    try {
      await pipeline(
        body,
        async function* (octets: AsyncIterable<Uint8Array>) {
          for await (const some of octets) {
            hash.update(some);
            yield some;
          }
        },
        createWriteStream(partial),
      );
      if (hash.digest("hex") !== image) throw new Error("its hash is another");
      await rename(partial, fileOf(image));
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
    kept.set(image, size);
    log.info({ event: "image-kept", image, size }, "image kept");
  }

  /** One at a time; who asks for another meanwhile asks again with the next packet. */
  function beginCopy(image: Sha256): void {
    if (fetching || performance.now() < failedAt + pause) return;
    fetching = true;
    fetchCopy(image)
      .catch((error: unknown) => {
        failedAt = performance.now();
        log.warn({ event: "image-not-kept", image, err: error }, "image could not be kept");
      })
      .finally(() => {
        fetching = false;
      });
  }

  return {
    async answer(path, request, response) {
      const image = sha256.safeParse(path.slice("/firmware/images/".length)).data;
      if (!image || path !== `/firmware/${imageName(image)}` || request.method !== "GET") return false;
      const size = kept.get(image);
      if (size === undefined) {
        beginCopy(image);
        return false;
      }
      kept.delete(image);
      kept.set(image, size);
      const stored = { name: imageName(image), etag: `"${image}"`, size };
      const octets = octetsFor(stored, request.method, (name) => request.headers[name]?.toString() ?? null);
      if (octets.status !== 200 && octets.status !== 206) return false;
      const file = await open(fileOf(image)).catch(() => undefined);
      if (!file) return false;
      const { status, headers, offset, length } = octets;
      response.setTimeout(pause, () => response.destroy());
      response.writeHead(status, headers);
      const read = file.createReadStream({ start: offset, end: offset + length - 1, highWaterMark: chunk });
      // Who hangs up in between has ended the connection, and so does a disk that fails: there is nobody to tell.
      await pipeline(read, response).catch(() => response.destroy());
      return true;
    },
  };
}
