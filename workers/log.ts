/** One line of JSON a happening. Never a secret, a token, a picture or what somebody said. */
export function log(happening: string, about: Record<string, string | number | boolean | undefined> = {}): void {
  console.log(JSON.stringify({ at: Date.now(), happening, ...about }));
}

/** An error's own words, for the log. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
