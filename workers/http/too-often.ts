/** Slowing down who does something too often. */
import type { Db } from "#db/client.ts";
import { type AttemptRule, countAttempt } from "#db/queries/attempts.ts";
import { problem } from "./problem.ts";

/**
 * Counts once more under this key. @param now milliseconds
 * @param refusal its code, and a sentence for a person
 * @returns 429 with when to try again; nothing while it is within the rule
 */
export async function tooOften(
  db: Db,
  key: string,
  rule: AttemptRule,
  now: number,
  [code, detail]: readonly [string, string],
): Promise<Response | undefined> {
  const { allowed, retryAfter } = await countAttempt(db, key, rule, now);
  return allowed ? undefined : problem(429, code, detail, { "retry-after": String(retryAfter) });
}
