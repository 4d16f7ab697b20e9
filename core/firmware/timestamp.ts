/**
 * The TUF timestamp: the short-lived word that the newest snapshot is still the newest. It is signed anew every day by a key that is
 * online, so that nobody who sits in the network can keep a device on an old release without its noticing.
 */
import { z } from "zod";
import { specVersion, tufMoment } from "./signing.ts";

export const day = 24 * 60 * 60_000;

/** How long a timestamp is good for, at which age it is signed anew, and at which it is an alarm that it was not. Milliseconds. */
export const timestampLife = 3 * day;
const renewAfter = day - 60 * 60_000;
const alarmAfter = 1.5 * day;

/** Offline roles are signed by a person, who needs time: an alarm so long before they end. Milliseconds. */
export const offlineNotice = 30 * day;

export const fileMeta = z.object({
  version: z.number().int().min(1),
  length: z.number().int().positive(),
  hashes: z.object({ sha256: z.string() }),
});
export type FileMeta = z.infer<typeof fileMeta>;

const tufDate = z.iso.datetime().transform((text) => Date.parse(text));

export const timestamp = z.object({
  _type: z.literal("timestamp"),
  version: z.number().int().min(1),
  expires: tufDate,
  meta: z.object({ "snapshot.json": fileMeta }),
});
export type Timestamp = z.infer<typeof timestamp>;

/** When any metadata file ends, unverified: for the alarm alone. */
export const expiryOf = (text: string): number =>
  z.object({ signed: z.object({ expires: tufDate }) }).parse(JSON.parse(text)).signed.expires;

/** What is to be signed after `version`. @param now milliseconds */
export const newTimestamp = (version: number, snapshot: FileMeta, now: number) => ({
  _type: "timestamp",
  spec_version: specVersion,
  version: version + 1,
  expires: tufMoment(now + timestampLife),
  meta: { "snapshot.json": snapshot },
});

const age = ({ expires }: Pick<Timestamp, "expires">, now: number): number => now - (expires - timestampLife);

/** Whether it is time to sign it anew. */
export const isDue = (current: Pick<Timestamp, "expires">, now: number): boolean => age(current, now) >= renewAfter;

/** Whether it should have been signed anew long ago. */
export const isAlarming = (current: Pick<Timestamp, "expires">, now: number): boolean =>
  age(current, now) >= alarmAfter;
