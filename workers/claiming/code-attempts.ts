/** Codes can't be guessed: so many wrong ones are heard, of devices and of offers each. A right one costs nothing. */
import { connectDb } from "#db/client.ts";
import { type AttemptRule, takeBackAttempt } from "#db/queries/attempts.ts";
import type { Env } from "../env.ts";
import { tooOften } from "../http/too-often.ts";

/** What somebody, an address and all together may guess in ten minutes. */
const rules: Record<"person" | "address" | "all", AttemptRule> = {
  person: { window: 600, max: 10 },
  address: { window: 600, max: 60 },
  all: { window: 600, max: 3_000 },
};

const tooMany = ["too-many-codes", "Too many codes were tried. Wait a while, then try again."] as const;

export interface Attempt {
  env: Env;
  request: Request;
  /** Who tries a code, and of what. */
  person: string;
  of: "claim" | "transfer";
  /** Milliseconds. */
  now: number;
}

/**
 * Looks for what has the code that somebody gave, unless too many were tried. Counted before it is looked for, so that none
 * slip past each other. What one rule refuses is not counted by the next: whoever goes on guessing slows themselves alone.
 * @returns what `find` finds, nothing for a wrong code, or 429
 */
export async function tryCode<Found>(
  { env, request, person, of, now }: Attempt,
  find: () => Promise<Found | undefined>,
): Promise<Found | Response | undefined> {
  const db = connectDb(env);
  const counted = [
    [`${of}:person:${person}`, rules.person],
    [`${of}:address:${request.headers.get("cf-connecting-ip") ?? ""}`, rules.address],
    [`${of}:all`, rules.all],
  ] as const;
  for (const [key, rule] of counted) {
    const refused = await tooOften(db, key, rule, now, tooMany);
    if (refused) return refused;
  }
  const found = await find();
  if (found) await Promise.all(counted.map(([key]) => takeBackAttempt(db, key)));
  return found;
}
