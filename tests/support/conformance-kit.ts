/** The conformance kit as a process of its own, as `npm run conformance` runs it, and what it says. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface ConformanceKit {
  /** Calls back with each line as it comes. */
  onLine(hear: (line: string) => void): void;
  /** How it ended, and what it said: sentences, and what went wrong in it. */
  ended: Promise<{ code: number | null; lines: string[]; errors: string }>;
  /** Ends it, where it has not come to its end. */
  stop(): void;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

export function startConformanceKit(...args: readonly string[]): ConformanceKit {
  const child = spawn("npm", ["run", "--silent", "conformance", "--", ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const said = createInterface({ input: child.stdout });
  said.on("line", (line) => lines.push(line));
  return {
    onLine: (hear) => void said.on("line", hear),
    ended: once(child, "close").then(([code]) => ({ code, lines, errors })),
    stop: () => void child.kill(),
  };
}
