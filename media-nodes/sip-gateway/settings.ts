/** What can be set from outside, read once at start. A wrong value stops the start with a sentence. */
import { resolve } from "node:path";
import { z } from "zod";
import { connectionsPerAddress } from "#core/device/connections.ts";
import { nodeName, onlyNode } from "#core/messages/values.ts";
import { parsePortRange } from "./media/ports.ts";

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);

const range = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      try {
        return parsePortRange(text);
      } catch {
        context.addIssue({ code: "custom", message: "is two ports, as in 10000-39999" });
        return z.NEVER;
      }
    });

const variables = z.object({
  /** Where the edge is reached from here, http(s)://…; the link is at `/media-node/link` below it. */
  EDGE_URL: z.url({ protocol: /^https?$/ }).default("http://127.0.0.1:8787"),
  /** Bearer token of the link. */
  MEDIA_NODE_TOKEN: z.string().min(16),
  /** Names this media node to the edge, where there are several; the same over restarts. */
  NODE_NAME: nodeName.default(onlyNode),
  /** LiveKit's signalling as reached from here, ws(s)://… */
  LIVEKIT_URL: z.url({ protocol: /^wss?$/ }).default("ws://127.0.0.1:7880"),
  LIVEKIT_API_KEY: z.string().min(1),
  LIVEKIT_API_SECRET: z.string().min(16),
  /** The host of our SIP addresses, as devices know it. */
  PUBLIC_HOST: z.string().min(1).default("localhost"),
  /** The IPv4 address in SDP and ICE candidates. */
  PUBLIC_ADDRESS: z.ipv4().default("127.0.0.1"),
  /** Where SIP and SRTP listen; the public address unless that is behind address translation. */
  BIND_ADDRESS: z.ipv4().optional(),
  SIP_PORT: port(5061),
  CONNECTIONS_PER_ADDRESS: connectionsPerAddress,
  MQTT_PORT: port(8883),
  SRTP_PORTS: range("10000-39999"),
  ROOM_PORTS: range("40000-49989"),
  GATEWAY_HEALTH_PORT: port(8790),
  /** Where spans go: the base of an OTLP receiver over HTTP. Without it none are kept. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  DATA_DIR: z.string().default(".data"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

export type GatewaySettings = {
  edgeUrl: string;
  mediaNodeToken: string;
  nodeName: string;
  liveKit: { url: string; apiKey: string; apiSecret: string };
  publicHost: string;
  publicAddress: string;
  bindAddress: string;
  sipPort: number;
  perAddress: number;
  /** Of this media node's broker. */
  mqttPort: number;
  srtpPorts: { first: number; last: number };
  roomPorts: { first: number; last: number };
  healthPort: number;
  traceEndpoint: string | undefined;
  /** Where the authorities' and the devices' certificates lie. */
  pkiFolder: string;
  logLevel: string;
};

/** A setting that makes no sense: its message is the whole sentence for the person at the terminal. */
export class SettingError extends Error {}

/** Reads the variables; throws {@link SettingError}, which never holds a secret's value. An empty variable counts as not set. */
export function readSettings(environment: NodeJS.ProcessEnv): GatewaySettings {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = variables.safeParse(set);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SettingError(`${String(issue?.path[0])} can't be used: ${issue?.message ?? "wrong value"}.`);
  }
  const given = parsed.data;
  return {
    edgeUrl: given.EDGE_URL,
    mediaNodeToken: given.MEDIA_NODE_TOKEN,
    nodeName: given.NODE_NAME,
    liveKit: { url: given.LIVEKIT_URL, apiKey: given.LIVEKIT_API_KEY, apiSecret: given.LIVEKIT_API_SECRET },
    publicHost: given.PUBLIC_HOST,
    publicAddress: given.PUBLIC_ADDRESS,
    bindAddress: given.BIND_ADDRESS ?? given.PUBLIC_ADDRESS,
    sipPort: given.SIP_PORT,
    perAddress: given.CONNECTIONS_PER_ADDRESS,
    mqttPort: given.MQTT_PORT,
    srtpPorts: given.SRTP_PORTS,
    roomPorts: given.ROOM_PORTS,
    healthPort: given.GATEWAY_HEALTH_PORT,
    traceEndpoint: given.OTEL_EXPORTER_OTLP_ENDPOINT,
    pkiFolder: resolve(given.DATA_DIR, "pki"),
    logLevel: given.LOG_LEVEL,
  };
}
