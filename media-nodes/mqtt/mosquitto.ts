/**
 * Mosquitto as the broker for devices, for who runs it anyway. It knows no certificate's status and acknowledges what nobody has
 * stored yet: so our own TLS door stands before it, lets each packet through once it keeps the rules (broker.ts), and a PUBLISH
 * once it is stored. Behind the door Mosquitto has sessions, keep-alive, subscriptions and delivery. It listens on sockets in
 * a folder that is its owner's alone, and holds devices to their own topics once more, by their client id.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import mqtt from "mqtt";
import { generate, type IConnectPacket, type Packet, parser } from "mqtt-packet";
import { downTopic, maySubscribe } from "#core/messages/device.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { type Broker, type BrokerOptions, connectTime, longestKeepAlive, readPublish, refusalOf } from "./broker.ts";
import { openTlsDoor, type Peer } from "./tls-door.ts";

export interface MosquittoOptions extends BrokerOptions {
  /** Where its configuration and its sockets go. Made anew. */
  folder: string;
  /** It ended by itself: nothing works any more. */
  onEnded(): void;
}

/** Writes down what it is to be. @returns the path of the configuration, and of the sockets for devices and for us */
function configure(folder: string) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  const path = (name: string) => join(folder, name);
  const file = (name: string, lines: string[]) => {
    writeFileSync(path(name), `${lines.join("\n")}\n`, { mode: 0o600 });
    return path(name);
  };
  // `%c` is the client id, which our door has seen to be the certificate's device.
  const own = (kind: string) => `symphony/1/%c/${kind}/#`;
  const devicesMay = file("devices.acl", [`pattern read ${own("down")}`, `pattern write ${own("up")}`]);
  const weMay = file("cloud.acl", ["topic write symphony/1/+/down/#"]);
  const listener = (socket: string, acl: string) => [
    `listener 0 ${socket}`,
    "allow_anonymous true",
    `acl_file ${acl}`,
    "max_qos 1",
  ];
  const sockets = { devices: path("devices.sock"), ours: path("cloud.sock") };
  const configuration = file("mosquitto.conf", [
    `user ${userInfo().username}`,
    "per_listener_settings true",
    "persistence false",
    "retain_available false",
    `max_keepalive ${longestKeepAlive}`,
    "log_dest stdout",
    "log_type error",
    "log_type warning",
    ...listener(sockets.devices, devicesMay),
    ...listener(sockets.ours, weMay),
  ]);
  return { configuration, sockets };
}

/** Starts Mosquitto and listens for devices. Rejects where it can't be started, or the port is taken. */
export async function startMosquitto(options: MosquittoOptions): Promise<Broker> {
  const { configuration, sockets } = configure(options.folder);
  const mosquitto = spawn("mosquitto", ["-c", configuration], { stdio: ["ignore", "inherit", "inherit"] });
  const ended = once(mosquitto, "exit");
  let closing = false;
  ended.then(
    () => closing || options.onEnded(),
    () => options.onEnded(), // it is not installed
  );
  await Promise.race([until(() => answers(sockets.ours)), ended]);

  const ours = new mqtt.MqttClient(() => connect(sockets.ours), { clientId: "cloud" });
  ours.on("error", () => {}); // its end is told by Mosquitto's
  await new Promise<void>((resolve) => ours.once("connect", () => resolve()));

  const connections = new Map<DeviceId, Duplex>();
  const door = await openTlsDoor(options, (connection, peer) => {
    const behind = connect(sockets.devices);
    const end = () => {
      behind.destroy();
      connection.destroy();
    };
    connection.on("error", end);
    connection.once("close", () => {
      end();
      if (connections.get(peer.device) !== connection) return;
      connections.delete(peer.device);
      options.onGone(peer.device);
    });
    behind.on("error", end);
    behind.once("close", end);
    const down = parser();
    down.on("error", end);
    down.on("packet", (packet) => {
      if (packet.cmd === "suback") options.onListening(peer.device);
    });
    behind.on("data", (chunk: Buffer) => down.parse(chunk));
    behind.pipe(connection);
    letThrough(connection, behind, peer).catch((error: Error) => {
      end();
      const left = "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
      if (!left) options.onRefused({ address: peer.address, device: peer.device, reason: error.message });
    });
  });

  /** Hands on what a device sends, packet by packet, as long as it keeps the rules. Throws which it broke. */
  async function letThrough(connection: Duplex, behind: Duplex, peer: Peer): Promise<void> {
    const patience = setTimeout(() => connection.destroy(new Error("no CONNECT in time")), connectTime);
    connection.once("close", () => clearTimeout(patience));
    for await (const packet of packetsOf(connection)) {
      const first = connections.get(peer.device) !== connection;
      if (first !== (packet.cmd === "connect")) throw new Error("CONNECT comes first, and once");
      if (packet.cmd === "connect") {
        if (packet.protocolVersion !== 4) throw new Error("not MQTT 3.1.1");
        await admit(packet, connection, peer);
        clearTimeout(patience);
      }
      if (packet.cmd === "publish") {
        const message = readPublish(peer.device, packet);
        await options.onMessage(peer.device, message).catch(() => Promise.reject(new Error("could not be stored")));
      }
      if (packet.cmd === "subscribe" && !packet.subscriptions.every(({ topic }) => maySubscribe(peer.device, topic)))
        throw new Error("not its own topic");
      if (!behind.write(generate(packet))) await once(behind, "drain");
    }
  }

  async function admit(packet: IConnectPacket, connection: Duplex, peer: Peer): Promise<void> {
    const refusal = await refusalOf(packet, peer, options.isGood);
    if (refusal) {
      const { returnCode, reason } = refusal;
      const answer = generate({ cmd: "connack", returnCode, sessionPresent: false });
      await new Promise<void>((resolve) => connection.end(answer, () => resolve()));
      throw new Error(reason);
    }
    // Mosquitto would speak it after the connection's end.
    delete packet.will;
    connections.set(peer.device, connection);
    options.onConnected?.(peer.device, peer.serial);
  }

  return {
    port: door.port,
    connected: () => [...connections.keys()],
    say(device, kind, body) {
      if (!connections.has(device)) return false;
      ours.publish(downTopic(device, kind), JSON.stringify(body), { qos: 1 });
      return true;
    },
    kick(device) {
      connections.get(device)?.destroy();
    },
    async close() {
      closing = true;
      door.close();
      for (const connection of connections.values()) connection.destroy();
      await ours.endAsync(true);
      mosquitto.kill();
      await ended.catch(() => undefined);
    },
  };
}

/** What comes in, as packets. Throws where it is no MQTT. */
async function* packetsOf(connection: Duplex): AsyncGenerator<Packet> {
  const packets: Packet[] = [];
  const incoming = parser();
  let failed: Error | undefined;
  incoming.on("packet", (packet) => packets.push(packet));
  incoming.on("error", () => {
    failed = new Error("not MQTT");
  });
  for await (const chunk of connection) {
    incoming.parse(chunk);
    yield* packets.splice(0);
    if (failed) throw failed;
  }
}

async function until(is: () => Promise<boolean>): Promise<void> {
  while (!(await is())) await pause(20);
}

async function answers(socket: string): Promise<boolean> {
  const connection = connect(socket);
  try {
    await once(connection, "connect");
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}
