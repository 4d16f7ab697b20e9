/** `npm test`: fetches what the tests need, then runs them. Arguments go on to vitest, as in `npm test -- tests/calls`. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensureSystemPrograms } from "./system.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

try {
  ensureSystemPrograms((line) => console.log(line));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
const run = spawnSync(
  "node_modules/.bin/vitest",
  [
    "run",
    "--reporter=default",
    "--reporter=json",
    "--outputFile.json=tests/.artifacts/results.json",
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);
process.exit(run.status ?? 1);
