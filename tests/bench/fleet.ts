/**
 * `node tests/bench/fleet.ts [--devices 2000]`: simulated devices with keys of their own, at sites of 20 and organisations of 100, connect,
 * are told what they are to be, and report it; their configuration changes while the broker is killed, and all have to come back and take
 * it, without a mail to anybody. Beside Mosquitto with the same devices and, in the cloud's place, a client that answers from memory.
 * A minute or two with 2,000 devices on two cores, five times as long with 10,000: both sides of every handshake run here.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { deviceAuthorityIn } from "#media-nodes/pki/device-authority.ts";
import { readRecord } from "../../media-nodes/supervisor/run-record.ts";
import { ensurePrograms, mosquitto } from "../setup/system.ts";
import { temporaryFolder } from "../support/folder.ts";
import { startPlatform } from "../support/platform.ts";
import { takePorts } from "../support/ports.ts";
import { startFleet } from "./fleet/fleet.ts";
import { changeAll, converged, type MadeFleet, makeFleet, moveIn } from "./fleet/house.ts";
import { startMosquitto } from "./fleet/mosquitto.ts";
import { makeSureOfRoom } from "./fleet/room.ts";

const { values } = parseArgs({ options: { devices: { type: "string", default: "2000" } } });
const count = Number(values.devices);
makeSureOfRoom(count);
ensurePrograms([mosquitto], "The bench needs", (line) => console.error(line));

/** Megabytes that a process holds (man 5 proc, VmRSS). */
const memoryOf = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);
const seconds = (since: number) => Number(((performance.now() - since) / 1000).toFixed(1));

interface Broker {
  port: number;
  pid(): number;
  /** Ends it as a fault would, and changes what all devices ought to be before they are back. */
  killAndChange(): Promise<void>;
}

async function measure({ devices }: MadeFleet, ca: string, broker: Broker) {
  const empty = memoryOf(broker.pid());
  const started = performance.now();
  const fleet = startFleet(devices, broker.port, ca);
  try {
    // The last ones are those that had to try again: they would say how long a pause is.
    const most = Math.ceil(count * 0.99);
    await fleet.connected(most);
    const connected = seconds(started);
    await fleet.reported(1, count);
    const configured = seconds(started);
    const memory = memoryOf(broker.pid());
    const killed = performance.now();
    await broker.killAndChange();
    await fleet.reported(2, count);
    return {
      connectionsPerSecond: Math.round(most / connected),
      configuredAfterSeconds: configured,
      convergedAfterKillSeconds: seconds(killed),
      megabytes: memory,
      kilobytesPerDevice: Number((((memory - empty) * 1024) / count).toFixed(1)),
    };
  } finally {
    await fleet.stop();
  }
}

const platform = await startPlatform({ CONNECTIONS_PER_ADDRESS: "20000" });
const folder = temporaryFolder("bench");
const { POSTGRES_PORT } = platform.ports;
const owner = `postgres://symphony_owner:${platform.secrets.POSTGRES_OWNER_PASSWORD}@127.0.0.1:${POSTGRES_PORT}/symphony`;
const client = new pg.Client({ connectionString: owner });
const ends: (() => Promise<unknown>)[] = [() => client.end(), () => platform.stop()];
try {
  await client.connect();
  const pki = join(platform.dataDir, "pki");
  const ca = readFileSync(join(pki, "server-ca.pem"), "utf8");
  const made = makeFleet(count, (await deviceAuthorityIn(pki)).issuing);
  await moveIn(client, made);
  const pidOf = (name: string) =>
    readRecord(platform.dataDir)?.parts.find((part) => part.name === name)?.members[0]?.pid;
  const ours = await measure(made, ca, {
    port: platform.ports.MQTT_PORT ?? 0,
    pid: () => pidOf("mqtt") ?? 0,
    async killAndChange() {
      platform.kill("mqtt");
      await changeAll(client);
    },
  });
  const stored = await converged(client);
  const mails = readdirSync(join(platform.dataDir, "mail")).length;

  const [port = 0] = await takePorts(1);
  const other = await startMosquitto(folder, pki, port, ca);
  ends.unshift(() => other.stop());
  const theirs = await measure(made, ca, { port, pid: other.pid, killAndChange: other.kill });
  const ratio = (of: (one: typeof ours) => number) => Number((of(ours) / of(theirs)).toFixed(2));
  const met = stored === count && mails === 0;
  console.log(
    JSON.stringify(
      {
        bench: "fleet",
        devices: count,
        ours,
        mosquitto: theirs,
        ratio: { connections: ratio((one) => one.connectionsPerSecond), memory: ratio((one) => one.megabytes) },
        convergedInDatabase: stored,
        mails,
        met,
      },
      null,
      2,
    ),
  );
  process.exitCode = met ? 0 : 1;
} finally {
  for (const end of ends) await end();
  rmSync(folder, { recursive: true, force: true });
}
