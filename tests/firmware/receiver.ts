/** A station as far as its firmware goes, as a process of its own: starts, updates, starts again. A line of JSON for each thing it does. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { hardwareRevision } from "#core/device/revision.ts";
import { nodeDisk } from "../../station/disk.ts";
import { openGate } from "../../station/firmware/gate.ts";
import { openClient } from "../../station/firmware/http.ts";
import { connections } from "../../station/firmware/receive.ts";
import { boot, judge } from "../../station/firmware/slots.ts";
import { update } from "../../station/firmware/update.ts";

const about = z
  .object({
    folder: z.string(),
    origin: z.string(),
    ca: z.string(),
    factoryRoot: z.string(),
    model: z.string(),
    revision: hardwareRevision,
  })
  .parse(JSON.parse(process.argv[2] ?? "{}"));

const say = (what: object) => void process.stdout.write(`${JSON.stringify(what)}\n`);
const { folder, origin, ca, model, revision } = about;
const well = async () => true;

const start = async () => {
  const { slot, mode, state } = await boot(nodeDisk, folder);
  say({ started: state.slots[slot]?.release.number, mode });
  if (mode === "trial") say({ judged: await judge(nodeDisk, folder, well, 10_000) });
};

await start();
const client = openClient({ ca }, connections);
const outcome = await update({
  disk: nodeDisk,
  folder,
  plate: { model, revision },
  factoryRoot: readFileSync(about.factoryRoot),
  source: { client, metadata: `${origin}/firmware/metadata`, content: `${origin}/firmware` },
  now: Date.now,
  gate: openGate(),
  onProgress: say,
});
client.close();
say({ ...outcome, peak: process.resourceUsage().maxRSS * 1024 });
await start();
