/** The played device over MQTT: who gets in, what is said to it, and what ends its connection. */
import { randomUUID } from "node:crypto";
import mqtt, { ErrorWithReasonCode, type IClientOptions, type MqttClient } from "mqtt";
import type { DeviceConfiguration } from "#core/device/configuration.ts";
import { type Down, down, downTopic, downTopics, type UpKind, upTopic } from "#core/messages/device.ts";
import { deviceId } from "#core/messages/values.ts";
import type { Credentials } from "../../../station/identity/kept-identity.ts";
import { newHappenings } from "../happenings.ts";
import type { ClaimedDevice } from "./judge-cloud.ts";
import { uploadLog } from "./logs.ts";

/** A cloud that has nothing to say says nothing. Milliseconds. */
const quiet = 1_000;

/** Milliseconds. Who is refused is told at once. */
const connecting = 10_000;

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
    connectTimeout: connecting,
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

/** What is said and heard over one connection. */
function conversation({ deviceId: id, patience }: ClaimedDevice, client: MqttClient) {
  const heard = newHappenings<{ what: "heard"; topic: string; payload: string }>();
  client.on("message", (topic, payload) => heard.tell({ what: "heard", topic, payload: payload.toString() }));
  return {
    get count() {
      return heard.count;
    },
    /** The first of this kind, from so many on. Undefined: none within the time, or one that can't be read. */
    async told(kind: "session" | "desired" | "command", within = patience.cloud, from = 0): Promise<unknown> {
      const found = await heard.next("heard", within, ({ topic }) => topic === downTopic(id, kind), from);
      return found && JSON.parse(found.payload);
    },
    /** With QoS 1 it resolves with PUBACK: it is stored. @returns whether it was */
    say: (kind: UpKind, body: object) =>
      Promise.race([
        client.publishAsync(upTopic(id, kind), JSON.stringify(body), { qos: 1 }).then(
          () => true,
          () => false,
        ),
        new Promise<false>((resolve) => setTimeout(() => resolve(false), patience.cloud).unref()),
      ]),
  };
}
type Conversation = ReturnType<typeof conversation>;

/** As a device that was told nothing yet. */
const unconfigured = { version: 0, configuration: {}, firmware: "conformance" };

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
  const talked = await talk(device, client).finally(() => client.end(true));
  await comeBack(device, talked.challenge);
  for (const [topic, payload, retain, what] of [
    [upTopic(deviceId.parse(randomUUID()), "states"), states, false, "a message on another device's topic"],
    [upTopic(id, "states"), `{"states":"many"}`, false, "a message that is not in the protocol"],
    [upTopic(id, "states"), states, true, "a retained message"],
  ] as const)
    await endedBy(device, topic, payload, retain, what);
  return talked.buttons;
}

const states = JSON.stringify({ states: [], contact: "none" });

async function talk(device: ClaimedDevice, client: MqttClient) {
  const { judge, deviceId: id } = device;
  const heard = conversation(device, client);
  const { told, say } = heard;
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
  judge.judge(
    "mqtt",
    await say("reported", unconfigured),
    "It acknowledges what a device says.",
    "It does not acknowledge (PUBACK) what a device says.",
  );
  const desired = down.desired.safeParse(await told("desired")).data;
  const talked = { challenge: session?.challenge, buttons: desired?.configuration.buttons ?? [] };
  if (
    judge.judge(
      "configuration",
      desired !== undefined,
      "It says what the device is to be.",
      "It does not say what the device is to be, though that reported version 0.",
    ) &&
    desired
  ) {
    const from = heard.count;
    await say("reported", { ...unconfigured, version: desired.version, configuration: desired.configuration });
    judge.judge(
      "configuration",
      (await told("desired", quiet, from)) === undefined,
      "It leaves a device in peace that is what it is to be.",
      "It says again what the device has just reported.",
    );
  }
  device.ask("log", `Ask for the log of the device in the portal: ${id}`);
  await obey(device, heard, session);
  return talked;
}

/** Somebody has asked for its log. */
async function obey(
  device: ClaimedDevice,
  { told, say }: Pick<Conversation, "told" | "say">,
  session: Down<"session"> | undefined,
): Promise<void> {
  const { judge } = device;
  const asked = await told("command", device.patience.person);
  if (asked === undefined) return judge.notSeen("commands", "Nobody has asked for its log: no command came.");
  const { data: command, error } = down.command.safeParse(asked);
  if (!command)
    return judge.wrong(
      "commands",
      `It says a command that is not in the protocol: ${error.issues.map(({ path }) => path.join(".")).join(", ")}.`,
    );
  judge.judge(
    "commands",
    command.challenge === session?.challenge,
    "A command names the connection's challenge, and how long it holds.",
    "A command names another challenge than the connection's.",
  );
  const statuses = [await uploadLog(device, command.commandId), await uploadLog(device, command.commandId)].map(
    ({ status }) => status,
  );
  judge.judge(
    "logs",
    statuses.every((status) => status === 204),
    "It takes a log that it asked for, and the same one again.",
    `It answers a log that it asked for, and the same one again, with ${statuses.join(" and ")}.`,
  );
  await say("acknowledged", { commandId: command.commandId, result: "done" });
}

/** What was said over one connection is said again over the next. @param before the challenge of the one before */
async function comeBack(device: ClaimedDevice, before: string | undefined): Promise<void> {
  const { judge, deviceId: id, own } = device;
  const { client, admitted } = dial(device, own);
  await admitted;
  try {
    const { told, say } = conversation(device, client);
    await client.subscribeAsync(downTopics(id), { qos: 1 });
    const { data: session } = down.session.safeParse(await told("session"));
    judge.judge(
      "mqtt",
      session !== undefined && session.challenge !== before,
      "It draws another challenge for each connection.",
      "It says no session on the next connection, or with the challenge of the one before.",
    );
    await say("reported", unconfigured);
    judge.judge(
      "configuration",
      (await told("desired")) !== undefined,
      "It says again what the device is to be, when that comes back without it.",
      "It does not say again what the device is to be, when that comes back without it: who was away would stay behind.",
    );
  } finally {
    client.end(true);
  }
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
    setTimeout(() => resolve(false), device.patience.cloud).unref();
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
