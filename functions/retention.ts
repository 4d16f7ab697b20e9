/** Once an hour: what is kept no longer goes. Calls and their pictures by each organisation's own setting; devices' logs; ended attempts, sessions, invitations and shares. */
import { connectDb, organisationDb } from "#db/client.ts";
import { deleteOldAttempts } from "#db/queries/attempts.ts";
import { deleteExpiredCalls, withExpiredCalls } from "#db/queries/calls.ts";
import { deleteExpiredLogs, withExpiredLogs } from "#db/queries/device-logs.ts";
import { deleteEndedAccess, withEndedAccess } from "#db/queries/ended-access.ts";
import { deleteEndedSessions } from "#db/queries/members.ts";

export interface RetentionEnv {
  DATABASE_URL: string;
  NEON_FETCH_ENDPOINT: string;
  SNAPSHOTS: { delete(keys: string[]): Promise<void> };
  LOGS: { delete(keys: string[]): Promise<void> };
}

/** As many calls, or logs, as go in one round, and rounds of one organisation in one run: the next hour takes the rest. */
const round = 500;
const rounds = 20;

/** @param now milliseconds */
export async function cleanUp(env: RetentionEnv, now: number): Promise<{ calls: number }> {
  const db = connectDb(env);
  let calls = 0;
  for (const organisation of await withExpiredCalls(db, now)) {
    const own = organisationDb(db, organisation);
    for (let n = 0; n < rounds; n++) {
      const gone = await deleteExpiredCalls(own, now);
      calls += gone.length;
      if (gone.length > 0) await env.SNAPSHOTS.delete(gone.map((id) => `calls/${id}.jpg`));
      if (gone.length < round) break;
    }
  }
  for (const organisation of await withExpiredLogs(db, now)) {
    const gone = await deleteExpiredLogs(organisationDb(db, organisation), now, round);
    await env.LOGS.delete(gone);
  }
  for (const organisation of await withEndedAccess(db, now))
    await deleteEndedAccess(organisationDb(db, organisation), now);
  await deleteOldAttempts(db, now - 60 * 60_000);
  await deleteEndedSessions(db, now);
  return { calls };
}
