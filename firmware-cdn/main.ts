/** `npm run firmware -- publish | renew | rotate | help` */
import { openKeys, retireKey } from "./keys.ts";
import { type Command, readCommandLine, readSettings, type Settings, UsageError, usage } from "./options.ts";
import { cut } from "./packets.ts";
import { publish, publishAgain, renew } from "./publish.ts";
import { edgeStore } from "./store/edge.ts";
import { s3Store } from "./store/s3.ts";
import type { ObjectStore } from "./store/store.ts";

function storeOf(settings: Settings): ObjectStore {
  const { FIRMWARE_BUCKET: bucket, FIRMWARE_S3_ENDPOINT: endpoint, AWS_REGION: region } = settings;
  if (bucket) return s3Store({ endpoint, region, bucket });
  const origin = settings.FIRMWARE_EDGE ?? `http://127.0.0.1:${settings.MINIFLARE_PORT}`;
  return edgeStore({ origin, token: settings.FIRMWARE_TOKEN });
}

/** On a terminal one line that grows, elsewhere a line for each tenth and the end. */
function progressLine(size: number): (sent: number) => void {
  let shown = -1;
  return (sent) => {
    const percent = Math.floor((100 * sent) / size);
    if (percent === shown || (!process.stdout.isTTY && percent < shown + 10 && sent < size)) return;
    shown = percent;
    const line = `${percent} % of ${(size / 1e6).toFixed(1)} MB`;
    process.stdout.write(process.stdout.isTTY ? `\r${line}` : `${line}\n`);
    if (sent === size && process.stdout.isTTY) process.stdout.write("\n");
  };
}

async function run(command: Exclude<Command, { do: "help" }>, settings: Settings): Promise<void> {
  const store = storeOf(settings);
  if (command.do === "rotate") retireKey(settings.keyFolder, command.role);
  const keys = await openKeys(settings.keyFolder, settings.FIRMWARE_TIMESTAMP_KEY);
  const publishing = { store, keys, now: Date.now() };
  if (command.do === "renew" || command.do === "rotate") {
    await renew(publishing);
    console.log(command.do === "renew" ? "Everything is signed anew." : `The ${command.role} has a new key.`);
    return;
  }
  const { model, revision, number } = command.release;
  if (command.do === "again") {
    await publishAgain(publishing, command.of, command.release);
    console.log(`Release ${number} for ${model} ${revision} is published: it is what release ${command.of} was.`);
    return;
  }
  const manifest = await cut(command.image, command.release);
  await publish(publishing, command.image, manifest, progressLine(manifest.release.size));
  console.log(`Release ${number} for ${model} ${revision} is published: ${manifest.packets.length} packets.`);
}

try {
  const command = readCommandLine(process.argv.slice(2));
  if (command.do === "help") console.log(usage);
  else await run(command, readSettings(process.env));
} catch (error) {
  console.error(error instanceof Error ? error.message : "It failed.");
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
