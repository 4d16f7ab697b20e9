/** Builds what the parts run from, without starting any: `node media-nodes/supervisor/build.ts`. */
import { fileURLToPath } from "node:url";
import { buildAll } from "./builds.ts";
import { readSettings } from "./settings.ts";

try {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  await buildAll(root, await readSettings(process.env), (line) => console.log(line));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
