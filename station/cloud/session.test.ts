/** The station against the real broker; the test says what the edge would. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Down, DownKind, UpMessage } from "#core/messages/device.ts";
import { commandId, type DeviceId, deviceId } from "#core/messages/values.ts";
import { startAedes } from "#media-nodes/mqtt/aedes.ts";
import type { Broker } from "#media-nodes/mqtt/broker.ts";
import {
  type Certified,
  issueDeviceCertificate,
  issueServerCertificate,
  makeAuthority,
} from "#media-nodes/pki/issue.ts";
import { factorySettings } from "./configured.ts";
import { type Cloud, type CloudOptions, openCloud } from "./session.ts";

let deviceCa: Certified;
let serverCa: Certified;
let server: Certified;
let broker: Broker;
let isGood = true;
const challenge = randomUUID();
let heard: UpMessage[] = [];
let waiting: (() => void)[] = [];

const start = (port: number) =>
  startAedes({
    host: "127.0.0.1",
    port,
    ...server,
    deviceAuthority: deviceCa.certificate,
    isGood: async () => isGood,
    onListening: (device) => void broker.say(device, "session", { challenge, now: Date.now() }),
    onGone: () => {},
    onMessage: async (_device, message) => {
      heard.push(message);
      for (const look of waiting) look();
    },
    onRefused: () => {},
  });

beforeAll(async () => {
  deviceCa = await makeAuthority("Devices");
  serverCa = await makeAuthority("Servers");
  server = await issueServerCertificate(serverCa, ["localhost"]);
  broker = await start(0);
});
afterAll(() => broker.close());

/** Resolves with the first message of a kind that came since the last call. */
async function next(kind: UpMessage["kind"]): Promise<UpMessage["body"]> {
  for (;;) {
    const found = heard.find((message) => message.kind === kind);
    heard = heard.filter((message) => message !== found);
    if (found) return found.body;
    await new Promise<void>((resolve) => waiting.push(resolve));
    waiting = [];
  }
}

async function open(
  more: Partial<CloudOptions>,
  authority = deviceCa,
): Promise<{ device: DeviceId; cloud: Cloud; say: <Kind extends DownKind>(kind: Kind, body: Down<Kind>) => void }> {
  const device = deviceId.parse(randomUUID());
  const own = await issueDeviceCertificate(authority, device);
  const cloud = openCloud({
    host: "localhost",
    port: broker.port,
    deviceId: device,
    credentials: () => ({ ...own, serverAuthority: serverCa.certificate }),
    report: () => ({ version: 0, configuration: {}, firmware: "3.14.1" }),
    onDesired: () => {},
    onCommand: async () => ({ result: "done" }),
    ...more,
  });
  return { device, cloud, say: (kind, body) => void broker.say(device, kind, body) };
}

test("it reports on every connection, also when the broker comes back", async () => {
  const { cloud } = await open({});
  expect(await next("reported")).toMatchObject({ firmware: "3.14.1" });
  const { port } = broker;
  await broker.close();
  broker = await start(port);
  expect(await next("reported")).toMatchObject({ firmware: "3.14.1" });
  await cloud.close();
}, 20_000);

test("it is told of a connection that nobody answers, and not where it is let in or refused", async () => {
  const unanswered = Promise.withResolvers<void>();
  const stranger = await makeAuthority("Others");
  const shut = await open({ onUnanswered: unanswered.resolve }, stranger);
  await unanswered.promise;
  await shut.cloud.close();
  isGood = false;
  const refused = Promise.withResolvers<void>();
  let alarms = 0;
  const { cloud } = await open({ onRefused: refused.resolve, onUnanswered: () => void alarms++ });
  await refused.promise;
  isGood = true;
  await next("reported");
  await cloud.close();
  expect(alarms).toBe(0);
});

test("it applies what it is told to be and reports that", async () => {
  let version = 0;
  const { cloud, say } = await open({
    report: () => ({ version, configuration: {}, firmware: "3.14.1" }),
    onDesired: (desired) => {
      version = desired.version;
    },
  });
  await next("reported");
  say("desired", { version: 7, configuration: factorySettings, cameraCredentials: {} });
  expect(await next("reported")).toMatchObject({ version: 7 });
  await cloud.close();
});

test("it does a command once, acknowledges it each time, and does none of another connection's", async () => {
  const did: string[] = [];
  const { cloud, say } = await open({
    onCommand: async (command) => {
      did.push(command.do);
      return { result: "done" };
    },
  });
  await next("reported");
  const order = {
    commandId: commandId.parse(randomUUID()),
    challenge,
    within: 60_000,
    command: { do: "identify" },
  } as const;
  say("command", order);
  expect(await next("acknowledged")).toEqual({ commandId: order.commandId, result: "done" });
  say("command", order);
  expect(await next("acknowledged")).toEqual({ commandId: order.commandId, result: "done" });
  const recorded = { ...order, commandId: commandId.parse(randomUUID()), challenge: randomUUID() };
  say("command", recorded);
  expect(await next("acknowledged")).toEqual({ commandId: recorded.commandId, result: "expired" });
  expect(did).toEqual(["identify"]);
  await cloud.close();
});
