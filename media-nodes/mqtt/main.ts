/** Runs the MQTT broker of a media node: devices on one side, the edge on the other. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import pino from "pino";
import { z } from "zod";
import { connectionsPerAddress } from "#core/device/connections.ts";
import { type DeviceId, nodeName, onlyNode } from "#core/messages/values.ts";
import { deviceAuthorityIn } from "../pki/device-authority.ts";
import { newAdmission } from "../tls/admission.ts";
import { startAedes } from "./aedes.ts";
import type { BrokerOptions } from "./broker.ts";
import { openEdge } from "./edge.ts";
import { startMosquitto } from "./mosquitto.ts";
import { newSessions } from "./sessions.ts";

const port = z.coerce.number().int().min(1).max(65_535);
const settings = z
  .object({
    DATA_DIR: z.string(),
    BIND_ADDRESS: z.string(),
    MQTT_BROKER: z.enum(["aedes", "mosquitto"]).default("aedes"),
    MQTT_PORT: port,
    CONNECTIONS_PER_ADDRESS: connectionsPerAddress,
    MQTT_HEALTH_PORT: port,
    EDGE_URL: z.url({ protocol: /^https?$/ }),
    MEDIA_NODE_TOKEN: z.string().min(16),
    NODE_NAME: nodeName.default(onlyNode),
  })
  .parse(process.env);

const log = pino({ base: { part: "mqtt", node: settings.NODE_NAME } });
const pki = join(settings.DATA_DIR, "pki");
const { root, issuers } = await deviceAuthorityIn(pki);
const edgeUrl = settings.EDGE_URL;
const token = settings.MEDIA_NODE_TOKEN;
const admission = newAdmission({ edgeUrl, token, log });
const sessions = newSessions();
/** How to stop holding a device's connection against revocation. */
const held = new Map<DeviceId, () => void>();

const options: BrokerOptions = {
  host: settings.BIND_ADDRESS,
  port: settings.MQTT_PORT,
  certificate: readFileSync(join(pki, "server.pem")),
  key: readFileSync(join(pki, "server.key")),
  deviceAuthority: [...issuers, root],
  perAddress: settings.CONNECTIONS_PER_ADDRESS,
  isGood: admission.admit,
  onConnected(device, serial) {
    held.get(device)?.();
    held.set(
      device,
      admission.hold(serial, () => broker.kick(device)),
    );
    edge.tell(device, { kind: "came" }).catch(() => broker.kick(device));
  },
  onListening: (device) => void broker.say(device, "session", sessions.begin(device)),
  onGone(device) {
    held.get(device)?.();
    held.delete(device);
    sessions.end(device);
    // Where the edge is away it learns from the next hello.
    edge.tell(device, { kind: "went" }).catch(() => {});
  },
  async onMessage(device, message) {
    const { desired } = await edge.tell(device, message);
    if (desired) broker.say(device, "desired", desired);
  },
  onRefused: (about) => log.warn({ event: "refused", ...about }, "connection refused"),
};

function onEnded(): never {
  log.fatal({ event: "broker-ended" }, "Mosquitto ended, or is not installed");
  process.exit(1);
}
const broker =
  settings.MQTT_BROKER === "aedes"
    ? await startAedes(options)
    : await startMosquitto({ ...options, folder: join(settings.DATA_DIR, "run", "mosquitto"), onEnded });

const edge = openEdge({
  url: edgeUrl,
  token,
  node: settings.NODE_NAME,
  log,
  connected: broker.connected,
  onMessage(message) {
    if (message.type === "revoked") return admission.revoked(message.serials);
    if (message.type === "desired") {
      broker.say(message.deviceId, "desired", message.desired);
      return;
    }
    const command = sessions.command(message);
    if (command) broker.say(message.deviceId, "command", command);
  },
});

/** For the supervisor: well while the edge is there. */
const health = createServer((_request, response) => {
  response.writeHead(edge.up ? 200 : 503, { "content-type": "application/json" });
  response.end(JSON.stringify({ status: edge.up ? "ok" : "degraded", devices: broker.connected().length }));
});
health.listen(settings.MQTT_HEALTH_PORT, "127.0.0.1", () => log.info({ event: "ready", port: broker.port }, "ready"));

async function stop(): Promise<void> {
  health.close();
  admission.close();
  edge.close();
  await broker.close();
  process.exit(0);
}
process.on("SIGTERM", stop).on("SIGINT", stop);
