/**
 * Where everything lies: a name in the bucket is also the path below `/firmware/`, so that a bucket with a domain of its own can
 * take the worker's place. Metadata is for devices that we know; targets and images are named by what they hold.
 */
import { z } from "zod";
import type { Sha256 } from "./release.ts";

export const metadataName = {
  root: (version: number) => `metadata/${version}.root.json`,
  targets: (version: number) => `metadata/${version}.targets.json`,
  snapshot: (version: number) => `metadata/${version}.snapshot.json`,
  timestamp: "metadata/timestamp.json",
} as const;

/** TUF puts a target's hash before the last part of its path (consistent snapshots). */
export function targetName(target: string, digest: string): string {
  const at = target.lastIndexOf("/") + 1;
  return `targets/${target.slice(0, at)}${digest}.${target.slice(at)}`;
}

export const imageName = (image: Sha256): string => `images/${image}`;

/** A file of TUF metadata. */
export const metadataFile = z.string().regex(/^(timestamp|[1-9]\d{0,8}\.(root|targets|snapshot))\.json$/);
const target = /^targets\/[A-Z0-9_-]{1,32}\/[A-Z]{2}\/[0-9a-f]{64}\.[1-9]\d{0,9}\.json$/;
const image = /^images\/[0-9a-f]{64}$/;

/** Whether something of that name can be in the bucket. */
export const isName = (name: string): boolean =>
  target.test(name) ||
  image.test(name) ||
  (name.startsWith("metadata/") && metadataFile.safeParse(name.slice(9)).success);
/** Everything but the timestamp keeps its contents for ever. */
export const isImmutable = (name: string): boolean => name !== metadataName.timestamp;
