/** Runs the edge as a part of its own. */
import { join } from "node:path";
import pino from "pino";
import { authorities } from "./authorities.ts";
import { startEdge } from "./edge.ts";
import { edgeSettings } from "./settings.ts";

const log = pino({ base: { part: "edge" } });
const settings = edgeSettings(process.env);
const bindings = { ...settings.bindings, ...authorities(join(settings.dataDir, "pki")) };
const edge = await startEdge({ ...settings, bindings }, log);
log.info({ port: settings.port }, "ready");

let ending = false;
async function end() {
  if (ending) return;
  ending = true;
  await edge.close();
  process.exit(0);
}
process.on("SIGTERM", end).on("SIGINT", end);

// Miniflare does not start workerd anew: this process ends with it, and the supervisor starts both.
await edge.ended;
if (!ending) {
  log.fatal("workerd ended");
  process.exit(1);
}
