/**
 * Writes down, beside the built worker, what Miniflare has to know about it: the bindings of `wrangler.toml` as wrangler reads
 * them, and its crons. Loading wrangler takes seconds; a start, or a restart in the middle of a call, must not wait for that.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";

const root = fileURLToPath(new URL("../../", import.meta.url));
const config = join(root, "wrangler.toml");
const { workerOptions } = unstable_getMiniflareWorkerOptions(config);
const { crons = [] } = unstable_readConfig({ config }).triggers;
writeFileSync(join(root, "workers/dist/description.json"), JSON.stringify({ workerOptions, crons }, null, 2));
