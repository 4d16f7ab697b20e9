import { DrizzleQueryError } from "drizzle-orm";

/** One line of JSON a happening. Never a secret, a token, a picture or what somebody said. */
export function log(happening: string, about: Record<string, string | number | boolean | undefined> = {}): void {
  console.log(JSON.stringify({ at: Date.now(), happening, ...about }));
}

/** An error's own words, for the log. Of a failed query the database's: Drizzle's name what was asked with, secrets among it. */
export function reasonOf(error: unknown): string {
  const said = error instanceof DrizzleQueryError ? (error.cause ?? "query failed") : error;
  return said instanceof Error ? said.message : String(said);
}
