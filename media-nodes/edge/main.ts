/**
 * Runs the built worker under Miniflare, as `wrangler.toml` describes it, on a loopback port that only the front may reach:
 * whoever reaches it can forge a client certificate. What durable objects and buckets hold lies in `edge` in the data folder.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare, type WorkerOptions } from "miniflare";
import pino from "pino";
import { cronFires } from "./cron.ts";
import { edgeSettings } from "./settings.ts";

const log = pino({ base: { part: "edge" } });
const root = fileURLToPath(new URL("../../", import.meta.url));
const { dataDir, port, bindings } = edgeSettings(process.env);
/** Written by `describe.ts` when the worker was built. */
const description: { workerOptions: WorkerOptions; crons: string[] } = JSON.parse(
  readFileSync(join(root, "workers/dist/description.json"), "utf8"),
);
const { workerOptions, crons } = description;

let ending = false;

const miniflare = new Miniflare({
  ...workerOptions,
  bindings: { ...workerOptions.bindings, ...bindings },
  name: "symphony-cloud",
  modules: [{ type: "ESModule", path: join(root, "workers/dist/index.js") }],
  modulesRoot: join(root, "workers/dist"),
  host: "127.0.0.1",
  port,
  cf: false,
  log: new Log(LogLevel.WARN),
  defaultPersistRoot: join(dataDir, "edge"),
  handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
    stdout.pipe(process.stdout, { end: false });
    stderr.pipe(process.stderr, { end: false });
    // Miniflare does not start workerd anew: this process ends with it, and the supervisor starts both.
    stdout.once("close", () => {
      if (ending) return;
      log.fatal("workerd ended");
      process.exit(1);
    });
  },
});

await miniflare.ready;
log.info({ port }, "ready");

const worker = await miniflare.getWorker();
const toNextMinute = () => 60_000 - (Date.now() % 60_000);
let timer = setTimeout(function minute() {
  const now = Date.now();
  for (const cron of crons.filter((one: string) => cronFires(one, now))) {
    worker.scheduled({ cron, scheduledTime: new Date(now) }).then(
      ({ outcome }) => log.info({ cron, outcome }, "cron fired"),
      (error: unknown) => log.error({ cron, err: error }, "cron failed"),
    );
  }
  timer = setTimeout(minute, toNextMinute());
}, toNextMinute());

async function end() {
  if (ending) return;
  ending = true;
  clearTimeout(timer);
  await miniflare.dispose();
  process.exit(0);
}
process.on("SIGTERM", end).on("SIGINT", end);
