import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hardwareRevision } from "../device/revision.ts";
import { metadataName } from "./addresses.ts";
import { isCriticalFrom, policyFor, takes, untilSaid } from "./policy.ts";
import { newestOfEach, type PublishedRelease, publishedRelease, publishedReleases, wayBack } from "./published.ts";
import { digestOf, signedFile, signingKey } from "./signing.ts";
import { newTimestamp } from "./timestamp.ts";

const AA = hardwareRevision.parse("AA");
const plate = { model: "ID8 TD", revision: AA };
const image = (n: number) => n.toString(16).padStart(64, "0");
const published = (number: number, part: Partial<PublishedRelease> = {}): PublishedRelease =>
  publishedRelease.parse({ ...plate, class: "MX", number, securityFloor: 0, size: 40, image: image(number), ...part });

const key = await signingKey(randomBytes(32).toString("base64url"));
const metaOf = async (text: string) => ({
  version: 1,
  length: text.length,
  hashes: { sha256: await digestOf(new TextEncoder().encode(text)) },
});

/** A bucket with these releases, as the publisher writes one. */
async function bucket(releases: readonly PublishedRelease[]) {
  const targets = Object.fromEntries(releases.map((custom) => [`${custom.number}.json`, { length: 1, custom }]));
  const targetsFile = await signedFile({ _type: "targets", version: 1, targets }, []);
  const meta = { "targets.json": await metaOf(targetsFile) };
  const snapshotFile = await signedFile({ _type: "snapshot", version: 1, meta }, []);
  const stamp = newTimestamp(0, await metaOf(snapshotFile), Date.now());
  const files = new Map([
    [metadataName.timestamp, await signedFile(stamp, [key])],
    [metadataName.snapshot(1), snapshotFile],
    [metadataName.targets(1), targetsFile],
  ]);
  return { files, read: async (name: string) => files.get(name) };
}

test("what is published is read by way of the timestamp, and nothing else is believed", async () => {
  const releases = [published(1), published(2, { critical: true, note: "mends a certificate check" })];
  const { files, read } = await bucket(releases);
  expect(await publishedReleases(read, key)).toEqual(releases);
  expect(await publishedReleases(async () => undefined, key)).toEqual([]);

  const targets = files.get(metadataName.targets(1)) ?? "";
  files.set(metadataName.targets(1), targets.replace('"critical":true', '"critical":false'));
  await expect(publishedReleases(read, key)).rejects.toThrow("targets.json is not what was signed");
  files.delete(metadataName.targets(1));
  await expect(publishedReleases(read, key)).rejects.toThrow("missing");
  const stranger = await signingKey(randomBytes(32).toString("base64url"));
  await expect(publishedReleases(read, stranger)).rejects.toThrow("not signed");
});

test("the newest of each kind of hardware", () => {
  const other = published(9, { model: "IM3" });
  expect(newestOfEach([published(1), other, published(3), published(2)])).toEqual([other, published(3)]);
});

test("back goes what was published before, under a higher number", () => {
  const [good, bad, mended] = [published(1), published(2), published(3)];
  const again = published(4, { image: good.image });
  expect(wayBack([good, bad, mended], bad)).toBeUndefined();
  expect(wayBack([good, bad, mended, again], bad)).toBe(again);
  expect(wayBack([good, bad, published(5, { model: "IM3", image: good.image })], bad)).toBeUndefined();
});

describe("a policy", () => {
  test("is the nearest that was said, each part for itself", () => {
    const windows = [{ days: [7], from: 0, length: 60 }];
    expect(policyFor(undefined, undefined, undefined)).toEqual(untilSaid);
    expect(policyFor({}, { windows }, { policy: "all" })).toEqual({ policy: "all", windows });
    expect(policyFor({ policy: "manual" }, { windows: [] }, { policy: "all", windows })).toEqual({
      policy: "manual",
      windows: [],
    });
  });

  test("that takes only what is critical takes a release that brings such a one along", () => {
    const all = [published(1, { critical: true }), published(2, { critical: true }), published(3)];
    expect(isCriticalFrom(all, published(3), 1)).toBe(true);
    expect(isCriticalFrom(all, published(3), 2)).toBe(false);
    expect(takes("security-critical", false)).toBe(false);
    expect(takes("security-critical", true)).toBe(true);
    expect(takes("all", false)).toBe(true);
    expect(takes("manual", true)).toBe(false);
  });
});
