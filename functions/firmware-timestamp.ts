/**
 * Every hour: signs the TUF timestamp anew once it is a day old, and raises an alarm where that fails for long, or where what only a
 * person can sign comes to its end.
 */
import { metadataName } from "#core/firmware/addresses.ts";
import { signedFile, signingKey, verifiedFile } from "#core/firmware/signing.ts";
import { expiryOf, isAlarming, isDue, newTimestamp, offlineNotice, timestamp } from "#core/firmware/timestamp.ts";

interface Stored {
  etag: string;
  text(): Promise<string>;
}

export interface TimestampEnv {
  FIRMWARE_TIMESTAMP_KEY: string;
  FIRMWARE: {
    get(name: string): Promise<Stored | null>;
    head(name: string): Promise<object | null>;
    put(name: string, text: string, options: { onlyIf: { etagMatches: string } }): Promise<object | null>;
  };
}

/** `overtaken`: something was published in the same moment, with a timestamp of its own. */
export type Renewal = "nothing-published" | "fresh" | "renewed" | "overtaken";

/** Throws where the timestamp can't be signed. @param now milliseconds; @param alarm told in a sentence what a person must see to */
export async function renewTimestamp(
  env: TimestampEnv,
  now: number,
  alarm: (sentence: string) => void,
): Promise<Renewal> {
  const found = await env.FIRMWARE.get(metadataName.timestamp);
  if (!found) return "nothing-published";
  const text = await found.text();
  const ends = { expires: expiryOf(text) };
  if (isAlarming(ends, now)) {
    alarm(
      `The firmware's timestamp should long have been signed anew. Devices refuse it from ${dayOf(ends.expires)} on.`,
    );
  }
  const key = await signingKey(env.FIRMWARE_TIMESTAMP_KEY);
  const current = await verifiedFile(text, key, timestamp);
  const snapshot = current.meta["snapshot.json"];
  await warnOfEnd(env, snapshot.version, now, alarm);
  if (!isDue(current, now)) return "fresh";
  const next = await signedFile(newTimestamp(current.version, snapshot, now), [key]);
  const stored = await env.FIRMWARE.put(metadataName.timestamp, next, { onlyIf: { etagMatches: found.etag } });
  return stored ? "renewed" : "overtaken";
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The snapshot and the targets are signed together, and before the root ends. */
async function warnOfEnd(
  env: TimestampEnv,
  snapshotVersion: number,
  now: number,
  alarm: (sentence: string) => void,
): Promise<void> {
  let rootVersion = 1;
  while (await env.FIRMWARE.head(metadataName.root(rootVersion + 1))) rootVersion++;
  for (const name of [metadataName.snapshot(snapshotVersion), metadataName.root(rootVersion)]) {
    const file = await env.FIRMWARE.get(name);
    const ends = file ? expiryOf(await file.text()) : now;
    if (ends - now < offlineNotice) alarm(`${name} ends on ${dayOf(ends)}: run "npm run firmware -- renew".`);
  }
}
