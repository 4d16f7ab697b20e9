/** Once an hour: what is kept no longer goes. Calls and their pictures by each organisation's own setting; devices' logs; ended attempts, sessions, invitations and shares. */
import { connectDb, organisationDb } from "#db/client.ts";
import { deleteOldAttempts } from "#db/queries/attempts.ts";
import { deleteEndedAccess, withEndedAccess } from "#db/queries/ended-access.ts";
import * as expired from "#db/queries/expired.ts";
import { deleteEndedSessions } from "#db/queries/members.ts";

interface Bucket {
  delete(keys: string[]): Promise<void>;
}

export interface RetentionEnv {
  DATABASE_URL: string;
  NEON_FETCH_ENDPOINT: string;
  SNAPSHOTS: Bucket;
  LOGS: Bucket;
}

/** As many calls, or logs, as go in one round, and rounds of one organisation in one run: the next hour takes the rest. */
const round = 500;
const rounds = 20;

interface Kept<One> {
  find(most: number): Promise<One[]>;
  objectOf(one: One): string;
  forget(all: One[]): Promise<void>;
}

/** Objects before rows: a row whose object has gone is found again in an hour, an object without its row by nobody. */
async function clear<One>(bucket: Bucket, { find, objectOf, forget }: Kept<One>): Promise<void> {
  for (let n = 0; n < rounds; n++) {
    const found = await find(round);
    if (found.length > 0) {
      await bucket.delete(found.map(objectOf));
      await forget(found);
    }
    if (found.length < round) return;
  }
}

/** @param now milliseconds */
export async function cleanUp(env: RetentionEnv, now: number): Promise<void> {
  const db = connectDb(env);
  for (const organisation of await expired.withExpiredCalls(db, now)) {
    const own = organisationDb(db, organisation);
    await clear(env.SNAPSHOTS, {
      find: (most) => expired.expiredCalls(own, now, most),
      objectOf: (id) => `calls/${id}.jpg`,
      forget: (calls) => expired.forgetCalls(own, calls),
    });
  }
  for (const organisation of await expired.withExpiredLogs(db, now)) {
    const own = organisationDb(db, organisation);
    await clear(env.LOGS, {
      find: (most) => expired.expiredLogs(own, now, most),
      objectOf: ({ object }) => object,
      forget: (logs) => expired.forgetLogs(own, logs),
    });
  }
  for (const organisation of await withEndedAccess(db, now))
    await deleteEndedAccess(organisationDb(db, organisation), now);
  await deleteOldAttempts(db, now - 60 * 60_000);
  await deleteEndedSessions(db, now);
}
