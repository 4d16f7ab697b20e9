/** `npm run status`: every part with address, process and health; `--json` for programs. Ends with 1 unless all are well. */
import { ailment } from "./health.ts";
import { partsOf } from "./parts.ts";
import { readRecord, stillRunning } from "./run-record.ts";
import { secretsIn } from "./secrets.ts";
import { readSettings } from "./settings.ts";

const given = process.argv.slice(2);
const json = given.includes("--json");
const unknown = given.find((one) => one !== "--json");
if (unknown !== undefined) {
  console.error(`"${unknown}" is no option of status: --json is the only one.`);
  process.exit(2);
}

const settings = await readSettings(process.env);
const record = readRecord(settings.dataDir);
const running = record && stillRunning(record).supervisor !== undefined;

if (!record || !running) {
  if (json) console.log(JSON.stringify({ running: false, parts: [] }));
  else console.log("It is not running. Start it with: npm start");
  process.exit(1);
}

const specs = partsOf(settings, secretsIn(settings.dataDir, process.env));
const parts = await Promise.all(
  specs.map(async (spec) => {
    const known = record.parts.find((part) => part.name === spec.name);
    const wrong = known?.pid ? await ailment(spec.probe) : "not running";
    return {
      name: spec.name,
      address: spec.address,
      pid: known?.pid || null,
      restarts: known?.restarts ?? 0,
      health: wrong === undefined ? "ok" : "down",
      ...(wrong === undefined ? {} : { reason: wrong }),
      log: known?.log ?? null,
    };
  }),
);

if (json)
  console.log(JSON.stringify({ running: true, origin: record.origin, startedAt: record.startedAt, parts }, null, 2));
else {
  const widest = (values: string[]) => Math.max(...values.map((value) => value.length));
  const name = widest(parts.map((part) => part.name));
  const address = widest(parts.map((part) => part.address));
  for (const part of parts) {
    const health = "reason" in part ? `${part.health} (${part.reason})` : part.health;
    const again = part.restarts > 0 ? `, started again ${part.restarts} ×` : "";
    console.log(
      `${part.name.padEnd(name)}  ${part.address.padEnd(address)}  process ${String(part.pid ?? "-").padEnd(7)}  ${health}${again}`,
    );
  }
}
process.exit(parts.every((part) => part.health === "ok") ? 0 : 1);
