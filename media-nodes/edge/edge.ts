/**
 * Runs the built worker under Miniflare, as `wrangler.toml` describes it, on a loopback port that only the front may reach:
 * whoever reaches it can forge a client certificate. What durable objects and buckets hold lies in `edge` in the data folder.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare, type WorkerOptions } from "miniflare";
import type { Logger } from "pino";
import { type Clock, systemClock } from "../sip-gateway/sip/clock.ts";
import { fireCrons } from "./crons.ts";
import type { EdgeSettings } from "./settings.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Edge {
  miniflare: Miniflare;
  /** Resolves when workerd has ended without being asked to. */
  ended: Promise<void>;
  close(): Promise<void>;
}

/** Starts it; resolves when it answers. `clock` says when crons are due. */
export async function startEdge(settings: EdgeSettings, log: Logger, clock: Clock = systemClock): Promise<Edge> {
  /** Written by `describe.ts` when the worker was built. */
  const { workerOptions, crons }: { workerOptions: WorkerOptions; crons: string[] } = JSON.parse(
    readFileSync(join(root, "workers/dist/description.json"), "utf8"),
  );
  const gone = Promise.withResolvers<void>();
  const miniflare = new Miniflare({
    ...workerOptions,
    bindings: { ...workerOptions.bindings, ...settings.bindings },
    name: "symphony-cloud",
    modules: [{ type: "ESModule", path: join(root, "workers/dist/index.js") }],
    modulesRoot: join(root, "workers/dist"),
    host: "127.0.0.1",
    port: settings.port,
    cf: false,
    log: new Log(LogLevel.WARN),
    defaultPersistRoot: join(settings.dataDir, "edge"),
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      stdout.pipe(process.stdout, { end: false });
      stderr.pipe(process.stderr, { end: false });
      stdout.once("close", () => gone.resolve());
    },
  });
  await miniflare.ready;

  const worker = await miniflare.getWorker();
  const stopCrons = fireCrons(crons, clock, (cron, at) => {
    worker.scheduled({ cron, scheduledTime: new Date(at) }).then(
      ({ outcome }) => log.info({ cron, outcome }, "cron fired"),
      (error: unknown) => log.error({ cron, err: error }, "cron failed"),
    );
  });
  return {
    miniflare,
    ended: gone.promise,
    close: async () => {
      stopCrons();
      await miniflare.dispose();
    },
  };
}
