/** A device that gets as far as it can and does much wrong on its way: for the kit to find. */
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { request } from "node:https";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { down, downTopic, downTopics, upTopic } from "#core/messages/device.ts";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import type { Credentials } from "../../station/identity/kept-identity.ts";
import { certificatesIn, makeKey, requestFor } from "../../station/identity/key-request.ts";
import type { Addresses } from "./cloud/played.ts";

/** It trusts anybody. */
const trusting = { host: "localhost", rejectUnauthorized: false };

async function post(port: number, path: string, as: Credentials | undefined, body = ""): Promise<string> {
  const own = as && { cert: as.certificate, key: as.key };
  const headers = { "content-type": "application/pkcs10", "content-length": body.length };
  const asked = request({ ...trusting, ...own, port, path, method: "POST", headers, agent: false });
  asked.end(body);
  const [response] = await once(asked, "response");
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return response.statusCode === 200 ? Buffer.concat(parts).toString() : "";
}

const est = (operation: string) => `/.well-known/est/${operation}`;

export interface WrongDevice {
  /** The cloud itself listens there by now. */
  listens(at: "HTTPS" | "MQTT"): void;
  press(): void;
  end(): void;
}

export function startWrongDevice(
  { https, mqtt: port }: Pick<Addresses, "https" | "mqtt">,
  factory: Credentials,
): WrongDevice {
  const pressed = Promise.withResolvers<void>();
  const open = { HTTPS: Promise.withResolvers<void>(), MQTT: Promise.withResolvers<void>() };
  let client: MqttClient | undefined;
  let ended = false;

  async function live(): Promise<void> {
    const key = await makeKey();
    const csr = await requestFor(key, "whatever");
    // An impostor is the first to answer.
    await post(https, est("simpleenroll"), factory, csr).catch(() => undefined);
    await open.HTTPS.promise;
    await post(https, est("simpleenroll"), undefined, csr);
    // Without a pause between them.
    for (let times = 0; times < 3; times++) await post(https, est("simpleenroll"), factory, csr);
    await pressed.promise;
    await post(https, "/device/presence", factory);
    const [certificate = ""] = certificatesIn(await post(https, est("simpleenroll"), factory, csr));
    const own = { certificate, key };
    const id = deviceId.parse(/CN=([0-9a-f-]{36})/.exec(new X509Certificate(certificate).subject)?.[1]);
    await post(https, est("simplereenroll"), own, await requestFor(await makeKey(), "somebody else"));
    const secured = { cert: certificate, key };
    // An impostor here, too.
    await attempt({ ...secured, clientId: id });
    await open.MQTT.promise;
    await attempt({ clientId: id });
    await attempt({ ...secured, clientId: "me" });
    while (!ended) {
      await connected({ ...secured, clientId: id }, id).catch(() => undefined);
    }
  }

  const connect = (options: IClientOptions) =>
    mqtt.connect({ protocol: "mqtts", port, ...trusting, reconnectPeriod: 0, connectTimeout: 1_000, ...options });

  async function attempt(options: IClientOptions): Promise<void> {
    const tried = connect(options);
    tried.on("error", () => undefined);
    tried.on("connect", () => tried.end(true));
    await new Promise<void>((resolve) => tried.once("close", resolve));
  }

  /** Does whatever it is told, and says that it did. Resolves when the connection ends. */
  async function connected(options: IClientOptions, id: DeviceId): Promise<void> {
    const own = connect(options);
    client = own;
    own.on("error", () => undefined);
    own.on("connect", () => {
      own.subscribe(downTopics(id));
      own.publish(upTopic(id, "reported"), JSON.stringify({ version: 0, configuration: {}, firmware: "wrong 1" }));
    });
    own.on("message", (topic, payload) => {
      const told: unknown = JSON.parse(payload.toString());
      if (topic === downTopic(id, "desired")) {
        const { version, configuration } = down.desired.parse(told);
        own.publish(upTopic(id, "reported"), JSON.stringify({ version, configuration, firmware: "wrong 1" }));
      } else if (topic === downTopic(id, "command")) {
        const { commandId } = down.command.parse(told);
        own.publish(upTopic(id, "acknowledged"), JSON.stringify({ commandId, result: "done" }));
      }
    });
    await new Promise<void>((resolve) => own.once("close", resolve));
  }

  void live().catch(() => undefined);
  return {
    listens: (at) => open[at].resolve(),
    press: pressed.resolve,
    end() {
      ended = true;
      client?.end(true);
    },
  };
}
