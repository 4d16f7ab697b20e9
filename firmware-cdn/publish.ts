/**
 * Signs what is published. Written from the inside outwards, the timestamp last: until then devices see the release before, whatever
 * moment this is cut off at, and the next run goes on.
 */
import { Key, MetaFile, Root, Snapshot, TargetFile, Targets } from "@tufjs/models";
import { imageName, metadataName, targetName } from "#core/firmware/addresses.ts";
import { type Manifest, manifest } from "#core/firmware/manifest.ts";
import { isFor, type PublishedRelease, publishedRelease } from "#core/firmware/published.ts";
import { type NamePlate, type Release, targetOf } from "#core/firmware/release.ts";
import { digestOf, type SigningKey, signedFile, specVersion, tufMoment } from "#core/firmware/signing.ts";
import { day, newTimestamp, offlineNotice } from "#core/firmware/timestamp.ts";
import type { RoleKeys } from "./keys.ts";
import { piecesOf } from "./packets.ts";
import { type Published, readPublished } from "./repository.ts";
import { type ObjectStore, partSize } from "./store/store.ts";

const rootLife = 365 * day;
const offlineLife = 180 * day;

export interface Publishing {
  store: ObjectStore;
  keys: RoleKeys;
  /** Milliseconds. */
  now: number;
}

const octetsOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Puts an image in the bucket unless it is there, then signs its release. @param onProgress octets sent so far */
export async function publish(
  { store, keys, now }: Publishing,
  image: string,
  manifest: Manifest,
  onProgress: (sent: number) => void,
): Promise<void> {
  const { size } = manifest.release;
  const published = await readPublished(store, keys);
  refuseReuse(published, manifest.release);
  const name = imageName(manifest.image);
  if ((await store.sizeOf(name)) !== size) await store.upload(name, size, piecesOf(image, partSize), onProgress);
  await offer({ store, keys, now }, published, manifest);
}

/**
 * The way back: signs what an older release was under a higher number, since devices never go down in numbers. Refused where
 * that release lies below a security floor: then going back would bring a weakness back.
 */
export async function publishAgain(publishing: Publishing, of: number, about: Omit<Release, "size">): Promise<void> {
  const { store, keys } = publishing;
  const published = await readPublished(store, keys);
  refuseReuse(published, about);
  const target = targetOf({ ...about, number: of });
  const known = published.targets?.signed.targets[target];
  const found = known && (await store.read(targetName(target, known.hashes.sha256 ?? "")));
  if (!found) throw new Error(`Release ${of} of ${about.model} ${about.revision} was never published.`);
  const before = manifest.parse(JSON.parse(new TextDecoder().decode(found.octets)));
  const floor = Math.max(
    about.securityFloor,
    ...releasesFor(published, about).map(({ securityFloor }) => securityFloor),
  );
  if (of < floor) throw new Error(`Release ${of} lies below the security floor, which is ${floor}: it stays gone.`);
  await offer(publishing, published, { ...before, release: { ...about, size: before.release.size } });
}

/** Puts the packet manifest in the bucket, and signs it. */
async function offer(publishing: Publishing, published: Published, manifest: Manifest): Promise<void> {
  const { store } = publishing;
  const target = targetOf(manifest.release);
  const octets = octetsOf(JSON.stringify(manifest));
  const digest = await digestOf(octets);
  const address = targetName(target, digest);
  if (!(await store.read(address))) await store.create(address, octets);
  const custom = { ...manifest.release, image: manifest.image };
  const added = new TargetFile({
    path: target,
    length: octets.length,
    hashes: { sha256: digest },
    unrecognizedFields: { custom },
  });
  await sign(publishing, published, added);
}

/** Signs all roles anew, so that none of them ends; and after a key was changed. */
export async function renew(publishing: Publishing): Promise<void> {
  await sign(publishing, await readPublished(publishing.store, publishing.keys), undefined);
}

const releasesFor = ({ targets }: Published, plate: NamePlate): PublishedRelease[] =>
  Object.values(targets?.signed.targets ?? {})
    .map(({ custom }) => publishedRelease.parse(custom))
    .filter((one) => isFor(one, plate));

/** A number is used once, and they rise: what devices have seen under it never changes. */
function refuseReuse(published: Published, release: Omit<Release, "size">): void {
  const newest = Math.max(0, ...releasesFor(published, release).map(({ number }) => number));
  if (release.number <= newest)
    throw new Error(
      `Release ${newest} of ${release.model} ${release.revision} is published: a new one needs a higher number.`,
    );
}

async function sign({ store, keys, now }: Publishing, published: Published, added: TargetFile | undefined) {
  const known = published.targets?.signed.targets ?? {};
  await signRoot(store, keys, published, now);

  const common = { specVersion, expires: tufMoment(now + offlineLife) };
  const targetsVersion = await freeVersion(store, metadataName.targets, published.targets?.signed.version);
  const targets = await signedFile(
    new Targets({
      ...common,
      version: targetsVersion,
      targets: added ? { ...known, [added.path]: added } : known,
    }).toJSON(),
    [keys.targets],
  );
  await store.create(metadataName.targets(targetsVersion), octetsOf(targets));

  const snapshotVersion = await freeVersion(store, metadataName.snapshot, published.snapshot?.signed.version);
  const snapshot = octetsOf(
    await signedFile(
      new Snapshot({
        ...common,
        version: snapshotVersion,
        meta: { "targets.json": new MetaFile({ ...(await metaOf(octetsOf(targets))), version: targetsVersion }) },
      }).toJSON(),
      [keys.snapshot],
    ),
  );
  await store.create(metadataName.snapshot(snapshotVersion), snapshot);

  const stamp = newTimestamp(
    published.timestamp?.signed.version ?? 0,
    { ...(await metaOf(snapshot)), version: snapshotVersion },
    now,
  );
  const octets = octetsOf(await signedFile(stamp, [keys.timestamp]));
  if (published.timestamp) await store.replace(metadataName.timestamp, octets, published.timestamp.etag);
  else await store.create(metadataName.timestamp, octets);
}

const metaOf = async (octets: Uint8Array<ArrayBuffer>) => ({
  length: octets.length,
  hashes: { sha256: await digestOf(octets) },
});

/** The next version that nobody has written: one that was cut off half-way leaves files that nothing refers to. */
async function freeVersion(store: ObjectStore, name: (version: number) => string, last = 0): Promise<number> {
  let version = last + 1;
  while (await store.read(name(version))) version++;
  return version;
}

/** Writes a new root where there is none, where its keys are others than those at hand, or where it ends soon. */
async function signRoot(store: ObjectStore, keys: RoleKeys, { roots }: Published, now: number): Promise<void> {
  const root = roots.at(0);
  const owners: [string, SigningKey][] = [
    ["root", keys.root],
    ["targets", keys.targets],
    ["snapshot", keys.snapshot],
    ["timestamp", keys.timestamp],
  ];
  const asIs = owners.every(([role, { id }]) => root?.signed.roles[role]?.keyIDs.join() === id);
  if (root && asIs && Date.parse(root.signed.expires) - now > 2 * offlineNotice) return;
  const version = (root?.signed.version ?? 0) + 1;
  const next = new Root({
    specVersion,
    version,
    expires: tufMoment(now + rootLife),
    consistentSnapshot: true,
  });
  for (const [role, { id, public: key }] of owners)
    next.addKey(new Key({ keyID: id, keyType: key.keytype, scheme: key.scheme, keyVal: { ...key.keyval } }), role);
  const signers = keys.former.filter(({ id }) => root?.signed.roles.root?.keyIDs.includes(id));
  const file = await signedFile(next.toJSON(), [keys.root, ...signers]);
  await store.create(metadataName.root(version), octetsOf(file));
}
