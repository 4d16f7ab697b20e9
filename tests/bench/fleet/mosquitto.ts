/** Mosquitto with the same certificates, and in the cloud's place a client that tells each device what it is to be, from memory. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import mqtt from "mqtt";
import type { DesiredState } from "#core/device/configuration.ts";
import { up, upTopic } from "#core/messages/device.ts";
import { deviceId } from "#core/messages/values.ts";
import { deviceAuthorityIn } from "#media-nodes/pki/device-authority.ts";
import { issueDeviceCertificate } from "#media-nodes/pki/issue.ts";

/** @param pki where the platform's authorities and its server's certificate lie */
export async function startMosquitto(folder: string, pki: string, port: number, ca: string) {
  const { issuing, root } = await deviceAuthorityIn(pki);
  const [authorities, config] = [join(folder, "devices.pem"), join(folder, "mosquitto.conf")];
  writeFileSync(authorities, issuing.certificate + root);
  writeFileSync(
    config,
    `user root\nlistener ${port} 127.0.0.1\ncafile ${authorities}\ncertfile ${join(pki, "server.pem")}
keyfile ${join(pki, "server.key")}\nrequire_certificate true\nuse_identity_as_username true\nallow_anonymous true
max_queued_messages 0\nlog_type none\n`,
  );
  const run = () => spawn("mosquitto", ["-c", config], { stdio: ["ignore", "ignore", "inherit"] });
  let broker: ChildProcess = run();
  while (!(await answers(port))) await pause(50);

  let version = 1;
  const own = deviceId.parse(crypto.randomUUID());
  const { certificate: cert, key } = await issueDeviceCertificate(issuing, own);
  const about = { protocol: "mqtts", host: "localhost", port, ca, cert, key, clientId: own } as const;
  const cloud = mqtt.connect({ ...about, reconnectPeriod: 50 });
  cloud.on("error", () => {});
  cloud.on("connect", () => cloud.subscribe(upTopic(deviceId.parse(own), "reported").replace(own, "+"), { qos: 1 }));
  cloud.on("message", (topic, payload) => {
    if (up.reported.parse(JSON.parse(payload.toString())).version === version) return;
    const configuration = { name: topic, timeZone: "UTC", buttons: [], doorOpeners: [], outputRules: [], cameras: [] };
    const desired: DesiredState = { version, configuration };
    cloud.publish(topic.replace("/up/reported", "/down/desired"), JSON.stringify(desired), { qos: 1 });
  });
  await new Promise<void>((resolve) => cloud.once("connect", () => resolve()));
  return {
    pid: () => broker.pid ?? 0,
    async kill() {
      const ended = once(broker, "exit");
      broker.kill("SIGKILL");
      await ended;
      version = 2;
      broker = run();
    },
    async stop() {
      await cloud.endAsync(true);
      broker.kill("SIGTERM");
      await once(broker, "exit");
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const there = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return there;
}
