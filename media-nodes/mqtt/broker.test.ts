/** Each broker that can stand here, with clients we did not write: mqtt.js and Mosquitto's, each with a real certificate. */
import { execFile } from "node:child_process";
import { randomUUID, X509Certificate } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { downTopic, downTopics, largestPacket, type UpMessage, upTopic } from "#core/messages/device.ts";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import {
  type Certified,
  issueDeviceCertificate,
  issueServerCertificate,
  makeAuthority,
  validFor,
} from "../pki/issue.ts";
import { serialOf } from "../tls/device-tls.ts";
import { startAedes } from "./aedes.ts";
import type { Broker, BrokerOptions } from "./broker.ts";
import { startMosquitto } from "./mosquitto.ts";

const folder = mkdtempSync(join(tmpdir(), "mqtt-"));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const newDevice = () => deviceId.parse(randomUUID());

let deviceCa: Certified;
let serverCa: Certified;
let broker: Broker;
/** What the edge would know and do. */
const revoked = new Set<string>();
let edgeIsThere = true;
let heard: { device: DeviceId; message: UpMessage }[] = [];
let refused: { device?: DeviceId; reason: string }[] = [];
const gone = new Map<DeviceId, () => void>();

const brokers: [string, (options: BrokerOptions) => Promise<Broker>][] = [
  ["Aedes", startAedes],
  [
    "Mosquitto",
    (options) => startMosquitto({ ...options, folder: join(folder, "mosquitto"), onEnded: () => process.exit(1) }),
  ],
];

describe.each(brokers)("%s", (_name, startBroker) => {
  beforeAll(async () => {
    deviceCa = await makeAuthority("Devices");
    serverCa = await makeAuthority("Servers");
    const server = await issueServerCertificate(serverCa, ["localhost", "127.0.0.1"]);
    file("server-ca.pem", serverCa.certificate);
    broker = await startBroker({
      host: "127.0.0.1",
      port: 0,
      ...server,
      deviceAuthority: deviceCa.certificate,
      isGood: async (serial) => {
        if (!edgeIsThere) throw new Error("the edge is away");
        return !revoked.has(serial);
      },
      onListening(device) {
        broker.say(device, "session", { challenge: randomUUID(), now: Date.now() });
      },
      onGone: (device) => gone.get(device)?.(),
      onMessage: async (device, message) => {
        if (!edgeIsThere) throw new Error("the edge is away");
        heard.push({ device, message });
      },
      onRefused: (about) => refused.push(about),
    });
  });
  afterAll(() => broker.close());
  beforeEach(() => {
    heard = [];
    refused = [];
    edgeIsThere = true;
  });

  function connect(certified: Certified, clientId: string, more: mqtt.IClientOptions = {}): MqttClient {
    const client = mqtt.connect({
      protocol: "mqtts",
      host: "localhost",
      port: broker.port,
      ca: serverCa.certificate,
      cert: certified.certificate,
      key: certified.key,
      clientId,
      reconnectPeriod: 0,
      ...more,
    });
    // Each test says what it expects of a connection's end.
    client.on("error", () => {});
    return client;
  }

  /** Also the broker has it on its list then: a moment after it told the client. */
  async function connected(client: MqttClient): Promise<void> {
    await new Promise<void>((resolve) => client.once("connect", () => resolve()));
    await vi.waitFor(() => expect(broker.connected()).toContain(client.options.clientId));
  }
  const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once("close", resolve));

  /** The CONNACK's return code, or how the TLS connection failed. */
  function outcome(client: MqttClient): Promise<string> {
    const known = new Promise<string>((resolve) => {
      client.once("connect", () => resolve("0"));
      client.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
      client.once("close", () => resolve("closed"));
    });
    return known.finally(() => client.end(true));
  }

  const states = JSON.stringify({ states: ["ringing"], contact: "closed", silentCameras: [], camerasNotAsked: {} });

  test("a device hears what is said to it and is heard, once what it said is stored", async () => {
    const device = newDevice();
    const client = connect(await issueDeviceCertificate(deviceCa, device), device);
    const first = new Promise<string>((resolve) => client.once("message", resolve));
    await client.subscribeAsync(downTopics(device), { qos: 1 });
    expect(await first).toBe(downTopic(device, "session"));
    await client.publishAsync(upTopic(device, "states"), states, { qos: 1 });
    expect(heard).toEqual([{ device, message: { kind: "states", body: JSON.parse(states) } }]);
    expect(broker.connected()).toContain(device);
    await client.endAsync();
  });

  test("nothing is acknowledged while it can't be stored", async () => {
    const device = newDevice();
    const client = connect(await issueDeviceCertificate(deviceCa, device), device);
    await connected(client);
    edgeIsThere = false;
    let acknowledged = false;
    client.publish(upTopic(device, "states"), states, { qos: 1 }, (error) => (acknowledged = !error));
    await closed(client);
    expect(acknowledged).toBe(false);
    client.end(true);
  });

  test("someone else's certificate, client id, authority or time is refused", async () => {
    const device = newDevice();
    const own = await issueDeviceCertificate(deviceCa, device);
    expect(await outcome(connect(own, newDevice()))).toBe("2");
    expect(await outcome(connect(own, device, { clean: false }))).toBe("2");
    const foreign = await issueDeviceCertificate(await makeAuthority("Others"), device);
    expect(await outcome(connect(foreign, device))).toMatch(/ERR_SSL|ECONNRESET|closed/);
    const day = 86_400_000;
    const old = await issueDeviceCertificate(deviceCa, device, validFor(0, Date.now() - day));
    expect(await outcome(connect(old, device))).toMatch(/ERR_SSL|ECONNRESET|closed/);
  });

  test("a revoked certificate is refused; where nobody can judge it, the device is to come again", async () => {
    const device = newDevice();
    const own = await issueDeviceCertificate(deviceCa, device);
    const client = connect(own, device);
    await connected(client);
    const ended = closed(client);
    revoked.add(serialOf(new X509Certificate(own.certificate)));
    broker.kick(device);
    await ended;
    client.end(true);
    expect(await outcome(connect(own, device))).toBe("5");
    edgeIsThere = false;
    const another = newDevice();
    expect(await outcome(connect(await issueDeviceCertificate(deviceCa, another), another))).toBe("3");
  });

  test("nobody reads or writes another's topics, and a breach ends the connection", async () => {
    const device = newDevice();
    const victim = newDevice();
    const own = await issueDeviceCertificate(deviceCa, device);
    const eavesdropper = connect(own, device);
    await connected(eavesdropper);
    const subscribed = eavesdropper.subscribeAsync([downTopics(victim), "#", downTopics(device)]);
    const outcome = await Promise.race([
      subscribed.then(
        () => "granted",
        (error: Error) => error.message,
      ),
      closed(eavesdropper).then(() => "closed"),
    ]);
    expect(outcome).toMatch(/Unspecified error|128|closed/i);
    eavesdropper.end(true);
    const client = connect(own, device);
    await connected(client);
    const ended = closed(client);
    client.publish(upTopic(victim, "states"), states, { qos: 1 });
    await ended;
    expect(heard).toEqual([]);
    expect(refused).toContainEqual(expect.objectContaining({ device, reason: "not its own topic" }));
    client.end(true);
  });

  test.each([
    ["is retained", { retain: true, qos: 1 }, states],
    ["has QoS 2", { retain: false, qos: 2 }, states],
    ["is not in the protocol", { retain: false, qos: 1 }, '{"states":["flying"]}'],
    ["is too large", { retain: false, qos: 1 }, "x".repeat(largestPacket)],
  ] as const)("a message that %s ends the connection", async (_what, options, payload) => {
    const device = newDevice();
    const client = connect(await issueDeviceCertificate(deviceCa, device), device);
    await connected(client);
    const ended = closed(client);
    client.publish(upTopic(device, "states"), payload, options);
    await ended;
    expect(heard).toEqual([]);
    client.end(true);
  });

  test("a device that vanishes is missed, and a second connection replaces the first without a gap in between", async () => {
    const device = newDevice();
    const own = await issueDeviceCertificate(deviceCa, device);
    const first = connect(own, device);
    await connected(first);
    const replaced = closed(first);
    const second = connect(own, device);
    await Promise.all([replaced, connected(second)]);
    expect(broker.connected()).toContain(device);
    const missed = new Promise<void>((resolve) => gone.set(device, resolve));
    second.stream.destroy();
    await missed;
    expect(broker.connected()).not.toContain(device);
    first.end(true);
    second.end(true);
  });

  test("Mosquitto's clients hear and are heard the same way, and are refused the same way", async () => {
    const device = newDevice();
    const own = await issueDeviceCertificate(deviceCa, device);
    const run = (program: string, as: Certified, ...more: string[]) => {
      const files = ["--cert", file("own.pem", as.certificate), "--key", file("own.key", as.key)];
      const tls = ["--cafile", join(folder, "server-ca.pem"), ...files];
      const about = ["-h", "localhost", "-p", String(broker.port), ...tls, "-i", device, "-q", "1"];
      return new Promise<string>((resolve) => {
        execFile(program, [...about, ...more], { timeout: 10_000 }, (error, out) =>
          resolve(error ? String(error.code) : out),
        );
      });
    };
    const say = (as: Certified, by = device) => run("mosquitto_pub", as, "-t", upTopic(by, "states"), "-m", states);
    expect(await run("mosquitto_sub", own, "-C", "1", "-t", downTopics(device))).toContain("challenge");
    expect(await say(own)).toBe("");
    expect(heard).toHaveLength(1);

    const day = 86_400_000;
    expect(await say(await issueDeviceCertificate(await makeAuthority("Others"), device))).toMatch(/^[1-9]/);
    expect(await say(await issueDeviceCertificate(deviceCa, device, validFor(0, Date.now() - day)))).toMatch(/^[1-9]/);
    expect(await say(own, newDevice())).toMatch(/^[1-9]/);
    revoked.add(serialOf(new X509Certificate(own.certificate)));
    expect(await say(own)).toMatch(/^[1-9]/);
    expect(heard).toHaveLength(1);
  });
});

test("Mosquitto itself lets a device hear its own topics alone, and say nothing on another's", async () => {
  const path = join(folder, "alone");
  const options = { host: "127.0.0.1", port: 0, ...(await issueServerCertificate(serverCa, ["localhost"])) };
  const mosquitto = await startMosquitto({
    ...options,
    deviceAuthority: deviceCa.certificate,
    folder: path,
    isGood: async () => true,
    onListening: () => {},
    onGone: () => {},
    onMessage: async () => {},
    onRefused: () => {},
    onEnded: () => {},
  });
  const [own, other] = [newDevice(), newDevice()];
  const past = (clientId: string, socket: string) =>
    new mqtt.MqttClient(() => createConnection(join(path, socket)), { clientId, reconnectPeriod: 0 });
  const [device, cloud, victim] = [
    past(own, "devices.sock"),
    past("anybody", "cloud.sock"),
    past(other, "devices.sock"),
  ];
  /** What it hears, up to what was said to it. */
  const until = (client: MqttClient, one: DeviceId) =>
    new Promise<string[]>((resolve) => {
      const topics: string[] = [];
      client.on("message", (topic, text) => {
        topics.push(`${topic} ${text}`);
        if (topic === downTopic(one, "desired") && String(text) === "theirs") resolve(topics);
      });
    });
  const both = Promise.all([until(device, own), until(victim, other)]);
  await device.subscribeAsync(["#", downTopics(other)], { qos: 1 });
  await victim.subscribeAsync("#", { qos: 1 });
  await device.publishAsync(downTopic(other, "desired"), "forged", { qos: 1 });
  await device.publishAsync(upTopic(other, "states"), "forged", { qos: 1 });
  await cloud.publishAsync(downTopic(other, "desired"), "theirs", { qos: 1 });
  await cloud.publishAsync(downTopic(own, "desired"), "theirs", { qos: 1 });
  expect(await both).toEqual([[`${downTopic(own, "desired")} theirs`], [`${downTopic(other, "desired")} theirs`]]);
  for (const client of [device, cloud, victim]) client.end(true);
  await mosquitto.close();
});
