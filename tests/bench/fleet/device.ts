/**
 * A process full of simulated devices, each with a key of its own and no session to resume: it connects, subscribes to what is said to it,
 * reports, takes what it is to be and reports that. A broker that is gone is tried again by each as a station does (station/cloud/session.ts).
 */
import mqtt from "mqtt";
import { down, downTopics, upTopic } from "#core/messages/device.ts";
import { type Order, order, type Progress } from "./messages.ts";

/** Devices that are switched on at once, in this process. */
const atOnce = 32;
/** Milliseconds. The pause doubles with every failure, and half of it is left to chance. */
const firstPause = 500;
const longestPause = 60_000;

const counts: Progress = { connected: 0, reported: {} };

function simulate({ port, ca }: Order, { id, certificate, key }: Order["devices"][number]) {
  let version = 0;
  /** The newest that was reported and acknowledged. A device that comes back reports it again, and counts once. */
  let acknowledged = 0;
  let configuration = {};
  let isConnected = false;
  let failures = 0;
  const client = mqtt.connect({
    ...{ protocol: "mqtts", host: "localhost", port, ca, cert: certificate, key, clientId: id, clean: true },
    ...{ keepalive: 60, connectTimeout: 30_000, reconnectPeriod: firstPause },
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
  client.on("connect", async () => {
    counts.connected++;
    isConnected = true;
    failures = 0;
    await client.subscribeAsync(downTopics(id), { qos: 1 }).catch(() => {});
    report();
  });
  client.on("close", () => {
    if (isConnected) counts.connected--;
    isConnected = false;
    const pause = Math.min(longestPause, firstPause * 2 ** failures++);
    client.options.reconnectPeriod = pause / 2 + (pause / 2) * Math.random();
  });
  client.on("message", (topic, payload) => {
    if (!topic.endsWith("/desired")) return;
    const desired = down.desired.parse(JSON.parse(payload.toString()));
    if (desired.version === version) return;
    ({ version, configuration } = desired);
    report();
  });
  // One that has to try again does so by itself, and holds up no other.
  return new Promise<void>((resolve) => client.once("connect", () => resolve()).once("close", resolve));
}

process.once("message", async (message) => {
  const asked = order.parse(message);
  const waiting = asked.devices.values();
  const say = () => process.send?.(counts);
  setInterval(say, 100);
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const device of waiting) await simulate(asked, device);
    }),
  );
});
