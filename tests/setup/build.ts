/** Builds what whole platforms and the portal's pages run from, once for all test files, so that each starts at once. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export default function setup(): void {
  const built = spawnSync(process.execPath, ["media-nodes/supervisor/build.ts"], { cwd: root, stdio: "inherit" });
  if (built.status !== 0) throw new Error("The parts could not be built.");
}
