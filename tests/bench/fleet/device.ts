/**
 * A process full of simulated devices, each with a key of its own and no session to resume: it connects, subscribes to what is said to it,
 * reports, takes what it is to be and reports that. A broker that is gone is tried again by each as a station does (station/cloud/session.ts).
 * Thousands share one processor here, and would all begin a handshake that none gets to the end of: so many go on at once, the others in turn.
 */
import { setTimeout as pause } from "node:timers/promises";
import mqtt from "mqtt";
import { down, downTopics, upTopic } from "#core/messages/device.ts";
import { type Order, order, type Progress } from "./messages.ts";

/** Handshakes under way at once, in this process. */
const atOnce = 32;
/** Milliseconds. The pause doubles with every failure, and half of it is left to chance. */
const firstPause = 500;
const longestPause = 60_000;

const counts: Progress = { connected: 0, reported: {} };
const waiting: (() => void)[] = [];
let free = atOnce;

async function inTurn(connect: () => Promise<unknown>): Promise<void> {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  await connect();
  const next = waiting.shift();
  if (next) next();
  else free++;
}

/** Lives as long as the process. */
async function simulate({ port, ca }: Order, { id, certificate, key }: Order["devices"][number]): Promise<void> {
  let version = 0;
  /** The newest that was reported and acknowledged. A device that comes back reports it again, and counts once. */
  let acknowledged = 0;
  let configuration = {};
  const client = mqtt.connect({
    ...{ protocol: "mqtts", host: "localhost", port, ca, cert: certificate, key, clientId: id, clean: true },
    ...{ keepalive: 60, connectTimeout: 30_000, reconnectPeriod: 0, manualConnect: true },
  });
  const report = () => {
    const said = version;
    const body = JSON.stringify({ version, configuration, firmware: "1.0.0" });
    client.publish(upTopic(id, "reported"), body, { qos: 1 }, (error) => {
      if (error || said <= acknowledged) return;
      acknowledged = said;
      counts.reported[said] = (counts.reported[said] ?? 0) + 1;
    });
  };
  client.on("error", () => {});
  client.on("message", (topic, payload) => {
    if (!topic.endsWith("/desired")) return;
    const desired = down.desired.parse(JSON.parse(payload.toString()));
    if (desired.version === version) return;
    ({ version, configuration } = desired);
    report();
  });
  for (let failures = 0; ; failures++) {
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    const connected = new Promise<void>((resolve) => client.once("connect", () => resolve()));
    await inTurn(() => {
      client.reconnect();
      return Promise.race([connected, closed]);
    });
    if (client.connected) {
      failures = 0;
      counts.connected++;
      client.subscribe(downTopics(id), { qos: 1 }, report);
      await closed;
      counts.connected--;
    }
    const longest = Math.min(longestPause, firstPause * 2 ** failures);
    await pause(longest / 2 + (longest / 2) * Math.random());
  }
}

process.once("message", (message) => {
  const asked = order.parse(message);
  setInterval(() => process.send?.(counts), 100);
  for (const device of asked.devices) void simulate(asked, device);
});
