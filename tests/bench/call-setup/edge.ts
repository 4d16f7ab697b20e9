/** The edge as `media-nodes/edge/edge.ts` runs it, with the bare push beside it in the same workerd, below `/bare/`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare, type WorkerOptions } from "miniflare";
import { authorities } from "../../../media-nodes/edge/authorities.ts";
import { edgeSettings } from "../../../media-nodes/edge/settings.ts";
import { bundleWorker } from "../bundle.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const { dataDir, port, bindings } = edgeSettings(process.env);
const { workerOptions }: { workerOptions: WorkerOptions } = JSON.parse(
  readFileSync(join(root, "workers/dist/description.json"), "utf8"),
);
const bundled = await bundleWorker(join(root, "workers/testing/bare-push.ts"));
const { compatibilityDate, compatibilityFlags } = workerOptions;

const miniflare = new Miniflare({
  host: "127.0.0.1",
  port,
  cf: false,
  log: new Log(LogLevel.WARN),
  defaultPersistRoot: join(dataDir, "edge"),
  handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
    stdout.pipe(process.stdout, { end: false });
    stderr.pipe(process.stderr, { end: false });
  },
  workers: [
    {
      ...workerOptions,
      name: "symphony-cloud",
      bindings: { ...workerOptions.bindings, ...bindings, ...authorities(join(dataDir, "pki")) },
      modules: [{ type: "ESModule", path: join(root, "workers/dist/index.js") }],
      modulesRoot: join(root, "workers/dist"),
      routes: ["*/*"],
    },
    {
      name: "bare",
      bindings,
      compatibilityDate,
      compatibilityFlags,
      modules: [{ type: "ESModule", path: "index.js", contents: bundled }],
      durableObjects: { BARE_PUSH: { className: "BarePush", useSQLite: true } },
      routes: ["*/bare/*"],
    },
  ],
});
await miniflare.ready;

const end = () => void miniflare.dispose().finally(() => process.exit(0));
process.on("SIGTERM", end).on("SIGINT", end);
