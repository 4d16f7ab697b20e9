import { randomBytes } from "node:crypto";
import { Key } from "@tufjs/models";
import { expect, test } from "vitest";
import { signedFile, signingKey, verifiedFile } from "./signing.ts";
import { isAlarming, isDue, newTimestamp, timestamp, timestampLife } from "./timestamp.ts";

const hour = 60 * 60_000;
const seed = () => randomBytes(32).toString("base64url");
const snapshot = { version: 4, length: 10, hashes: { sha256: "00" } };

test("a timestamp that this key signed is read back, and no other", async () => {
  const key = await signingKey(seed());
  const text = await signedFile(newTimestamp(7, snapshot, Date.now()), [key]);
  expect(await verifiedFile(text, key, timestamp)).toMatchObject({ version: 8, meta: { "snapshot.json": snapshot } });
  await expect(verifiedFile(text, await signingKey(seed()), timestamp)).rejects.toThrow("not signed");
  await expect(verifiedFile(text.replace('"version":8', '"version":9'), key, timestamp)).rejects.toThrow("not signed");
});

test("a key's name is what TUF clients know it by", async () => {
  const key = await signingKey(seed());
  expect(Key.fromJSON(key.id, { ...key.public }).keyVal).toEqual(key.public.keyval);
  await expect(signingKey("too short")).rejects.toThrow();
});

test("a timestamp is due within a day, and an alarm long before it ends", () => {
  const current = { expires: timestampLife };
  expect([22, 23].map((hours) => isDue(current, hours * hour))).toEqual([false, true]);
  expect([35, 36].map((hours) => isAlarming(current, hours * hour))).toEqual([false, true]);
  expect(isAlarming(current, timestampLife - 1)).toBe(true);
});
