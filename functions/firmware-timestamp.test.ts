import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { metadataName } from "#core/firmware/addresses.ts";
import { signedFile, signingKey, verifiedFile } from "#core/firmware/signing.ts";
import { day, newTimestamp, timestamp } from "#core/firmware/timestamp.ts";
import { renewTimestamp } from "./firmware-timestamp.ts";

const seed = randomBytes(32).toString("base64url");
const snapshot = { version: 3, length: 10, hashes: { sha256: "00" } };
const ending = (at: number) => JSON.stringify({ signed: { expires: new Date(at).toISOString() } });

/** A bucket as far as this needs one, with a release in it whose timestamp was signed at 0. */
async function bucket(offlineEnd: number) {
  const files = new Map([
    [metadataName.timestamp, await signedFile(newTimestamp(6, snapshot, 0), [await signingKey(seed)])],
    [metadataName.root(1), ending(400 * day)],
    [metadataName.snapshot(3), ending(offlineEnd)],
  ]);
  const get = async (name: string) => {
    const text = files.get(name);
    return text === undefined ? null : { etag: text, text: async () => text };
  };
  return {
    files,
    get,
    head: get,
    put: async (name: string, text: string, { onlyIf }: { onlyIf: { etagMatches: string } }) => {
      if (files.get(name) !== onlyIf.etagMatches) return null;
      files.set(name, text);
      return {};
    },
  };
}

test("the timestamp is signed anew once a day, for the same snapshot", async () => {
  const FIRMWARE = await bucket(100 * day);
  const env = { FIRMWARE, FIRMWARE_TIMESTAMP_KEY: seed };
  const alarms: string[] = [];
  const said = async (at: number) => renewTimestamp(env, at, (sentence) => alarms.push(sentence));
  expect(await said(day / 2)).toBe("fresh");
  expect(await said(day)).toBe("renewed");
  expect(await said(1.5 * day)).toBe("fresh");
  const text = FIRMWARE.files.get(metadataName.timestamp) ?? "";
  expect(await verifiedFile(text, await signingKey(seed), timestamp)).toMatchObject({
    version: 8,
    expires: 4 * day,
    meta: { "snapshot.json": snapshot },
  });
  expect(alarms).toEqual([]);
});

test("a timestamp that nobody signs, and signatures that end, are told in time", async () => {
  const alarms: string[] = [];
  const other = randomBytes(32).toString("base64url");
  const env = { FIRMWARE: await bucket(20 * day), FIRMWARE_TIMESTAMP_KEY: other };
  await expect(renewTimestamp(env, 2 * day, (sentence) => alarms.push(sentence))).rejects.toThrow("not signed");
  expect(alarms.join()).toContain("Devices refuse it from 1970-01-04 on");
  await renewTimestamp({ ...env, FIRMWARE_TIMESTAMP_KEY: seed }, 1, (sentence) => alarms.push(sentence));
  expect(alarms.at(-1)).toContain("3.snapshot.json ends on 1970-01-21");
});

test("what was published in the same moment is not undone", async () => {
  const FIRMWARE = await bucket(100 * day);
  const overtaken = { ...FIRMWARE, put: async () => null };
  const env = { FIRMWARE: overtaken, FIRMWARE_TIMESTAMP_KEY: seed };
  expect(await renewTimestamp(env, day, () => undefined)).toBe("overtaken");
});
