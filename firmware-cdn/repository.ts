/** What is published so far, read from the bucket and checked by our own keys: a bucket that was tampered with is not signed again. */
import { Metadata, MetadataKind, type Root, type Snapshot, type Targets } from "@tufjs/models";
import { z } from "zod";
import { metadataName } from "#core/firmware/addresses.ts";
import { verifiedFile } from "#core/firmware/signing.ts";
import { type Timestamp, timestamp } from "#core/firmware/timestamp.ts";
import type { RoleKeys } from "./keys.ts";
import type { ObjectStore } from "./store/store.ts";

export interface Published {
  /** Newest first. */
  roots: Metadata<Root>[];
  targets: Metadata<Targets> | undefined;
  snapshot: Metadata<Snapshot> | undefined;
  timestamp: { signed: Timestamp; etag: string } | undefined;
}

const json = z.record(z.string(), z.json());
const parse = (octets: Uint8Array) => json.parse(JSON.parse(new TextDecoder().decode(octets)));

async function demand(store: ObjectStore, name: string): Promise<Uint8Array> {
  const found = await store.read(name);
  if (!found) throw new Error(`${name} is missing in the bucket, though it was published.`);
  return found.octets;
}

/** The roots, numbered without a gap and kept for ever. Each must be signed by the one before it. */
async function rootsIn(store: ObjectStore): Promise<Metadata<Root>[]> {
  const roots: Metadata<Root>[] = [];
  for (let version = 1; ; version++) {
    const found = await store.read(metadataName.root(version));
    if (!found) return roots;
    const next = Metadata.fromJSON(MetadataKind.Root, parse(found.octets));
    (roots[0] ?? next).verifyDelegate("root", next);
    roots.unshift(next);
  }
}

/** A change of keys may have been cut off after its root was written: then the files are still of the root before. */
function verify(
  roots: readonly Metadata<Root>[],
  role: "snapshot" | "targets",
  file: Metadata<Snapshot | Targets>,
): void {
  const [newest, before = newest] = roots;
  try {
    newest?.verifyDelegate(role, file);
  } catch {
    before?.verifyDelegate(role, file);
  }
}

/** Throws where the bucket holds what our keys have not signed. */
export async function readPublished(store: ObjectStore, keys: RoleKeys): Promise<Published> {
  const roots = await rootsIn(store);
  const [root] = roots;
  const found = await store.read(metadataName.timestamp);
  if (!root || !found) return { roots, targets: undefined, snapshot: undefined, timestamp: undefined };
  if (![keys.root, ...keys.former].some(({ id }) => root.signed.roles.root?.keyIDs.includes(id)))
    throw new Error("The bucket's root is of other keys than those in the data folder.");

  const text = new TextDecoder().decode(found.octets);
  const signedBy = root.signed.roles.timestamp?.keyIDs ?? [];
  // A timestamp of a key that was retired says nothing to this key: the snapshot's own signature then has to do.
  const stamp = signedBy.includes(keys.timestamp.id)
    ? await verifiedFile(text, keys.timestamp, timestamp)
    : timestamp.parse(z.object({ signed: z.unknown() }).parse(JSON.parse(text)).signed);

  const snapshotVersion = stamp.meta["snapshot.json"].version;
  const snapshot = Metadata.fromJSON(
    MetadataKind.Snapshot,
    parse(await demand(store, metadataName.snapshot(snapshotVersion))),
  );
  verify(roots, "snapshot", snapshot);
  const targetsVersion = snapshot.signed.meta["targets.json"]?.version ?? 0;
  const targets = Metadata.fromJSON(
    MetadataKind.Targets,
    parse(await demand(store, metadataName.targets(targetsVersion))),
  );
  verify(roots, "targets", targets);
  return { roots, targets, snapshot, timestamp: { signed: stamp, etag: found.etag } };
}
