/** The played device over MQTT: who gets in, what is said to it, and what ends its connection. */
import { randomUUID } from "node:crypto";
import mqtt, { ErrorWithReasonCode, type IClientOptions, type MqttClient } from "mqtt";
import type { DeviceConfiguration } from "#core/device/configuration.ts";
import { down, downTopic, downTopics, upTopic } from "#core/messages/device.ts";
import { deviceId } from "#core/messages/values.ts";
import type { Credentials } from "../../../station/identity/kept-identity.ts";
import { newHappenings } from "../happenings.ts";
import type { ClaimedDevice } from "./judge-cloud.ts";

/** Milliseconds. */
const patience = 10_000;

/** CONNACK's return code, 0 for a connection that stands; or that there is none. */
type Admitted = number | "no connection";

function dial(
  { addresses, anchors, deviceId: id }: ClaimedDevice,
  as: Credentials | undefined,
  more: IClientOptions = {},
) {
  const client = mqtt.connect({
    protocol: "mqtts",
    host: addresses.host,
    port: addresses.mqtt,
    ca: anchors,
    ...(as ? { cert: as.certificate, key: as.key } : {}),
    clientId: id,
    clean: true,
    keepalive: 30,
    reconnectPeriod: 0,
    connectTimeout: patience,
    ...more,
  });
  const admitted = new Promise<Admitted>((resolve) => {
    client.on("connect", () => resolve(0));
    client.on("error", (error) => resolve(error instanceof ErrorWithReasonCode ? error.code : "no connection"));
    client.on("close", () => resolve("no connection"));
  });
  return { client, admitted };
}

/** Tries to come in, and leaves. */
async function admission(...about: Parameters<typeof dial>): Promise<Admitted> {
  const { client, admitted } = dial(...about);
  const outcome = await admitted;
  client.end(true);
  return outcome;
}

/** @returns the buttons that the device is given */
export async function playMessages(device: ClaimedDevice): Promise<DeviceConfiguration["buttons"]> {
  const { judge, own, factory, deviceId: id } = device;
  const refuses = async (
    who: string,
    wanted: Admitted | undefined,
    ...about: [Credentials | undefined, IClientOptions?]
  ) => {
    const outcome = await admission(device, ...about);
    const isSo = wanted === undefined ? outcome !== 0 : outcome === wanted;
    const how = outcome === 0 ? "lets it in" : `says ${outcome}`;
    judge.judge("mqtt", isSo, `It refuses ${who}.`, `It does not refuse ${who} as it should: it ${how}.`);
  };
  await refuses("who shows no certificate", "no connection", undefined);
  await refuses("a factory certificate", "no connection", factory);
  await refuses("another client id than the certificate's", 2, own, { clientId: randomUUID() });
  await refuses("a session that lasts", 2, own, { clean: false });
  await refuses("a connection without keep-alive", undefined, own, { keepalive: 0 });

  const { client, admitted } = dial(device, own);
  const outcome = await admitted;
  if (
    !judge.judge(
      "mqtt",
      outcome === 0,
      "It lets the device in by its own certificate.",
      `It does not let the device in: ${outcome}.`,
    )
  )
    return [];
  const heard = newHappenings<{ what: "heard"; topic: string; payload: string }>();
  client.on("message", (topic, payload) => heard.tell({ what: "heard", topic, payload: payload.toString() }));
  try {
    return await talk(device, client, heard);
  } finally {
    client.end(true);
    for (const [topic, payload, retain, what] of [
      [upTopic(deviceId.parse(randomUUID()), "states"), states, false, "a message on another device's topic"],
      [upTopic(id, "states"), `{"states":"many"}`, false, "a message that is not in the protocol"],
      [upTopic(id, "states"), states, true, "a retained message"],
    ] as const)
      await endedBy(device, topic, payload, retain, what);
  }
}

const states = JSON.stringify({ states: [], contact: "none" });

async function talk(
  { judge, deviceId: id }: ClaimedDevice,
  client: MqttClient,
  heard: ReturnType<typeof newHappenings<{ what: "heard"; topic: string; payload: string }>>,
): Promise<DeviceConfiguration["buttons"]> {
  const others = downTopics(deviceId.parse(randomUUID()));
  const refused = await client.subscribeAsync(others).then(
    (granted) => granted.some(({ qos }) => qos === 128),
    () => true,
  );
  judge.judge(
    "mqtt",
    refused,
    "It refuses a subscription to another device's topics.",
    "It lets a device subscribe to another's topics.",
  );
  await client.subscribeAsync(downTopics(id), { qos: 1 });

  const told = async (kind: "session" | "desired") => {
    const found = await heard.next("heard", patience, ({ topic }) => topic === downTopic(id, kind));
    return found && JSON.parse(found.payload);
  };
  const session = down.session.safeParse(await told("session")).data;
  judge.judge(
    "mqtt",
    session !== undefined,
    "It says a session with its challenge first.",
    "It says no session after a subscription.",
  );
  if (session)
    judge.judge(
      "time",
      Math.abs(session.now - Date.now()) < 60_000,
      "Its clock agrees with this machine's within a minute.",
      `Its clock is ${Math.round((session.now - Date.now()) / 1000)} s away from this machine's.`,
    );
  // With QoS 1 it resolves with PUBACK: it is stored.
  const say = (body: object) =>
    Promise.race([
      client.publishAsync(upTopic(id, "reported"), JSON.stringify(body), { qos: 1 }).then(() => true),
      new Promise<false>((resolve) => setTimeout(() => resolve(false), patience).unref()),
    ]);
  const firmware = "conformance";
  judge.judge(
    "mqtt",
    await say({ version: 0, configuration: {}, firmware }),
    "It acknowledges what a device says.",
    "It does not acknowledge (PUBACK) what a device says.",
  );
  const desired = down.desired.safeParse(await told("desired")).data;
  if (
    !judge.judge(
      "configuration",
      desired !== undefined,
      "It says what the device is to be.",
      "It does not say what the device is to be, though that reported version 0.",
    )
  )
    return [];
  const { version = 0, configuration } = desired ?? {};
  const from = heard.count;
  await say({ version, configuration: configuration ?? {}, firmware });
  const more = await heard.next("heard", 1_000, ({ topic }) => topic === downTopic(id, "desired"), from);
  judge.judge(
    "configuration",
    more === undefined,
    "It leaves a device in peace that is what it is to be.",
    "It says again what the device has just reported.",
  );
  return configuration?.buttons ?? [];
}

async function endedBy(
  device: ClaimedDevice,
  topic: string,
  payload: string,
  retain: boolean,
  what: string,
): Promise<void> {
  const { client, admitted } = dial(device, device.own);
  await admitted;
  const ended = new Promise<boolean>((resolve) => {
    client.on("close", () => resolve(true));
    setTimeout(() => resolve(false), patience).unref();
  });
  client.publish(topic, payload, { qos: 1, retain });
  device.judge.judge(
    "mqtt",
    await ended,
    `It ends a connection over which ${what} comes.`,
    `It does not end a connection over which ${what} comes.`,
  );
  client.end(true);
}

/** The first use of a new certificate. */
export async function comeByRenewed(device: ClaimedDevice): Promise<void> {
  const outcome = await admission(device, device.own);
  device.judge.judge(
    "renewal",
    outcome === 0,
    "It lets the device in by its new certificate.",
    `It does not let the device in by its new certificate: ${outcome}.`,
  );
}
