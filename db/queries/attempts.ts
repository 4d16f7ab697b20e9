/** Counting attempts, so that passwords and codes can't be guessed. A platform table: nobody is signed in yet. */
import { and, eq, gt, lt, sql } from "drizzle-orm";
import type { Db } from "../client.ts";
import { rateLimit } from "../schema/account.ts";

/** At most `max` within `window` seconds of the first. */
export interface AttemptRule {
  window: number;
  max: number;
}

/**
 * Counts one attempt, by one statement, so that attempts at the same moment can't slip past each other.
 * @param now milliseconds
 * @returns whether it is within the rule, and if not, after how many seconds the next one is
 */
export async function countAttempt(
  db: Db,
  key: string,
  { window, max }: AttemptRule,
  now: number,
): Promise<{ allowed: boolean; retryAfter: number | null }> {
  const over = sql`${rateLimit.lastRequest} <= ${now - window * 1000}`;
  const [row] = await db
    .insert(rateLimit)
    .values({ id: crypto.randomUUID(), key, count: 1, lastRequest: now })
    .onConflictDoUpdate({
      target: rateLimit.key,
      set: {
        count: sql`case when ${over} then 1 else ${rateLimit.count} + 1 end`,
        lastRequest: sql`case when ${over} then ${now} else ${rateLimit.lastRequest} end`,
      },
    })
    .returning({ count: rateLimit.count, since: rateLimit.lastRequest });
  if (!row || row.count <= max) return { allowed: true, retryAfter: null };
  return { allowed: false, retryAfter: Math.max(1, Math.ceil((row.since + window * 1000 - now) / 1000)) };
}

/** What was counted last was none. */
export async function takeBackAttempt(db: Db, key: string): Promise<void> {
  const one = and(eq(rateLimit.key, key), gt(rateLimit.count, 0));
  await db
    .update(rateLimit)
    .set({ count: sql`${rateLimit.count} - 1` })
    .where(one);
}

export async function forgetAttempts(db: Db, key: string): Promise<void> {
  await db.delete(rateLimit).where(eq(rateLimit.key, key));
}

/** Deletes what was counted before that moment (milliseconds). */
export async function deleteOldAttempts(db: Db, before: number): Promise<void> {
  await db.delete(rateLimit).where(lt(rateLimit.lastRequest, before));
}
