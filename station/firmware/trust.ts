/**
 * Which releases are signed: a TUF client (tuf-js) whose files are replaced whole. tuf-js writes into its folder in place, and a root
 * that was cut off in mid-write stops it for ever; so it works in a scratch folder, and what it has verified is kept from there.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Updater } from "tuf-js";
import { DownloadHTTPError } from "tuf-js/dist/error.js";
import { TrustedMetadataStore } from "tuf-js/dist/store.js";
import { z } from "zod";
import { targetName } from "#core/firmware/addresses.ts";
import { largestManifest, type Manifest, manifest } from "#core/firmware/manifest.ts";
import { type Release, release, type Sha256, sha256, targetOf } from "#core/firmware/release.ts";
import type { Disk } from "../disk.ts";
import { writeWhole } from "../whole-file.ts";
import type { Client } from "./http.ts";

/** In the order they are kept: whichever are, are enough to refuse what is older. */
const files = ["root", "timestamp", "snapshot", "targets"] as const;

export interface Source {
  client: Client;
  /** Where metadata is, and where targets and images are: addresses without a slash at the end. */
  metadata: string;
  content: string;
}

export interface Trusted {
  releases: Release[];
  /** The packets of one of them. Throws where what is served is not what is signed. */
  packetsOf(one: Release): Promise<{ manifest: Manifest; digest: Sha256 }>;
}

/** Octets of a small file. Throws {@link DownloadHTTPError} where the answer is not 200, and where it is larger than `limit`. */
export async function download({ client }: Pick<Source, "client">, url: string, limit: number): Promise<Buffer> {
  const response = await client.get(url);
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    response.resume();
    throw new DownloadHTTPError(`${url} was answered with ${status}`, status);
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    size += part.length;
    if (size > limit) throw new Error(`${url} is larger than it may be`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const listed = z.object({
  signed: z.object({
    targets: z.record(
      z.string(),
      z.object({ length: z.number(), hashes: z.object({ sha256 }), custom: z.unknown().optional() }),
    ),
  }),
});

/**
 * Refreshes what is trusted. @param folder where it is kept; @param factoryRoot the root that the device was made with;
 * @param now by the device's clock: what has expired then is refused
 * Throws where the metadata is missing, expired, older than known, or signed by others.
 */
export async function refreshTrust(
  disk: Disk,
  folder: string,
  factoryRoot: Uint8Array,
  source: Source,
  now: number,
): Promise<Trusted> {
  disk.makeFolder(folder);
  const scratch = mkdtempSync(join(tmpdir(), "firmware-trust-"));
  try {
    const known = (name: string) => disk.readAll(join(folder, `${name}.json`));
    for (const name of files) {
      const octets = known(name);
      if (octets) writeFileSync(join(scratch, `${name}.json`), octets);
    }
    const updater = openUpdater(scratch, known("root"), factoryRoot, source);
    setTime(updater, now);
    try {
      await updater.refresh();
    } finally {
      // Kept after a failure too: a new root, or a timestamp that forbids an older one, has been verified by then.
      for (const name of files) keep(disk, join(folder, `${name}.json`), join(scratch, `${name}.json`));
    }
    const { signed } = listed.parse(JSON.parse(readFileSync(join(scratch, "targets.json"), "utf8")));
    const releases = Object.values(signed.targets).flatMap(({ custom }) => release.safeParse(custom).data ?? []);
    return {
      releases,
      async packetsOf(one) {
        const path = targetOf(one);
        const target = signed.targets[path];
        if (!target || target.length > largestManifest) throw new Error(`${path} is not signed`);
        const digest = target.hashes.sha256;
        const octets = await download(source, `${source.content}/${targetName(path, digest)}`, target.length);
        if (createHash("sha256").update(octets).digest("hex") !== digest)
          throw new Error(`${path} is not what was signed`);
        const read = manifest.parse(JSON.parse(octets.toString()));
        if (JSON.stringify(read.release) !== JSON.stringify(one)) throw new Error(`${path} is of another release`);
        return { manifest: read, digest };
      },
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Begins at the kept root; where that is missing or damaged, at the factory's. Every root since is walked either way. */
function openUpdater(scratch: string, kept: Uint8Array | undefined, factoryRoot: Uint8Array, source: Source): Updater {
  const options = {
    metadataDir: scratch,
    metadataBaseUrl: source.metadata,
    fetcher: {
      downloadBytes: (url: string, limit: number) => download(source, url, limit),
      downloadFile: () => Promise.reject(new Error("targets are fetched in packets")),
    },
  };
  try {
    if (kept) return new Updater(options);
  } catch {
    // Not a root any more: the disk has lost some of it.
  }
  writeFileSync(join(scratch, "root.json"), factoryRoot);
  return new Updater(options);
}

/**
 * tuf-js asks the system what time it is, once, when it is made; the device has a clock of its own. Throws where a tuf-js keeps that
 * elsewhere.
 */
function setTime(updater: Updater, now: number): void {
  const known: unknown = Reflect.get(updater, "trustedSet");
  if (!(known instanceof TrustedMetadataStore) || !Reflect.has(known, "referenceTime"))
    throw new Error("this tuf-js can't be told the time");
  Reflect.set(known, "referenceTime", new Date(now));
}

function keep(disk: Disk, path: string, from: string): void {
  let octets: Buffer;
  try {
    octets = readFileSync(from);
  } catch {
    return; // it did not get that far
  }
  const before = disk.readAll(path);
  if (!before || !octets.equals(before)) writeWhole(path, octets, disk);
}
