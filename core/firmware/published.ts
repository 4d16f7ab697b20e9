/**
 * Which releases are published, as the cloud learns it from what devices read too: the timestamp, whose signature is checked,
 * names the snapshot by its hash, and the snapshot the targets. The bucket is the one list; there is no second to keep true.
 */
import { z } from "zod";
import { metadataName } from "./addresses.ts";
import { type NamePlate, type Release, release, sha256 } from "./release.ts";
import { digestOf, type SigningKey, signingKey, verifiedFile } from "./signing.ts";
import { type FileMeta, fileMeta, timestamp } from "./timestamp.ts";

export const publishedRelease = release.safeExtend({ image: sha256 });
export type PublishedRelease = z.infer<typeof publishedRelease>;

/** A file of the bucket as text; undefined where it is not there. */
export type ReadFile = (name: string) => Promise<string | undefined>;

const snapshot = z.object({ signed: z.object({ meta: z.object({ "targets.json": fileMeta }) }) });
const targets = z.object({
  signed: z.object({ targets: z.record(z.string(), z.object({ custom: publishedRelease })) }),
});

async function demand<T extends z.ZodType>(read: ReadFile, name: string, meta: FileMeta, shape: T) {
  const text = await read(name);
  if (text === undefined) throw new Error(`${name} is missing in the bucket, though it was published`);
  if ((await digestOf(Uint8Array.from(new TextEncoder().encode(text)))) !== meta.hashes.sha256)
    throw new Error(`${name} is not what was signed`);
  return shape.parse(JSON.parse(text));
}

/** Every release there is. Throws where the bucket holds what the timestamp's key does not vouch for. */
export async function publishedReleases(read: ReadFile, key: SigningKey): Promise<PublishedRelease[]> {
  const text = await read(metadataName.timestamp);
  if (text === undefined) return [];
  const ofSnapshot = (await verifiedFile(text, key, timestamp)).meta["snapshot.json"];
  const { signed } = await demand(read, metadataName.snapshot(ofSnapshot.version), ofSnapshot, snapshot);
  const ofTargets = signed.meta["targets.json"];
  const found = await demand(read, metadataName.targets(ofTargets.version), ofTargets, targets);
  return Object.values(found.signed.targets).map(({ custom }) => custom);
}

/** What the edge knows the bucket by, and the timestamp's key. */
export interface ReleaseEnv {
  FIRMWARE_TIMESTAMP_KEY: string;
  FIRMWARE: { get(name: string): Promise<{ text(): Promise<string> } | null> };
}

/** @throws as {@link publishedReleases} */
export const releasesIn = async ({ FIRMWARE, FIRMWARE_TIMESTAMP_KEY }: ReleaseEnv): Promise<PublishedRelease[]> =>
  publishedReleases(async (name) => (await FIRMWARE.get(name))?.text(), await signingKey(FIRMWARE_TIMESTAMP_KEY));

export const isFor = (one: NamePlate, plate: NamePlate): boolean =>
  one.model === plate.model && one.revision === plate.revision;

/** The newest release for each kind of hardware. */
export const newestOfEach = (all: readonly PublishedRelease[]): PublishedRelease[] =>
  all.filter((one) => !all.some((other) => isFor(other, one) && other.number > one.number));

/** Whether a device gets something else by it. What came back under a higher number may be what it runs. */
export function isNewsFor(all: readonly PublishedRelease[], to: PublishedRelease, runs: number): boolean {
  const has = all.find((one) => isFor(one, to) && one.number === runs);
  return runs < to.number && has?.image !== to.image;
}

/**
 * What goes back behind a release: the newest one after it whose contents were published before it. Devices never go down in
 * numbers, so old contents come back under a higher one, which its maker signs.
 */
export function wayBack(
  all: readonly PublishedRelease[],
  from: NamePlate & Pick<Release, "number">,
): PublishedRelease | undefined {
  const own = all.filter((one) => isFor(one, from));
  const before = new Set(own.filter(({ number }) => number < from.number).map(({ image }) => image));
  return own
    .filter(({ number, image }) => number > from.number && before.has(image))
    .toSorted((one, other) => other.number - one.number)[0];
}
