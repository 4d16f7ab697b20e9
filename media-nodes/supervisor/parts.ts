/**
 * Every part that `npm start` runs: in which order, with which environment, and how one knows that it is well.
 * A part gets the secrets it needs and no others.
 */
import { join } from "node:path";
import type { Probe } from "./health.ts";
import type { PortNeed } from "./ports.ts";
import type { Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

export interface PartSpec {
  name: string;
  /** Parts of a lower stage are healthy before it starts; those of one stage start together. */
  stage: number;
  /** Script, from the top of the repository. */
  script: string;
  environment: Record<string, string>;
  /** Where a person or program finds it. */
  address: string;
  ports: PortNeed[];
  probe: Probe;
}

/** Where the front's certificate lies, and the authority that a client of it has to trust. */
const certificateIn = (dataDir: string) => ({
  certificate: join(dataDir, "pki", "server.pem"),
  key: join(dataDir, "pki", "server.key"),
  authority: join(dataDir, "pki", "server-ca.pem"),
});

/** The URLs of the database: the application's role may read and write rows, the owner's changes the schema. */
export function databaseUrls(settings: Settings, secrets: Secrets): { application: string; owner: string } {
  const { DATABASE_URL, DATABASE_OWNER_URL } = settings;
  if (DATABASE_URL && DATABASE_OWNER_URL) return { application: DATABASE_URL, owner: DATABASE_OWNER_URL };
  const at = `127.0.0.1:${settings.POSTGRES_PORT}/symphony`;
  return {
    application: `postgres://symphony_app:${secrets.POSTGRES_APP_PASSWORD}@${at}`,
    owner: `postgres://symphony_owner:${secrets.POSTGRES_OWNER_PASSWORD}@${at}`,
  };
}

export function partsOf(settings: Settings, secrets: Secrets): PartSpec[] {
  const { dataDir, bindAddress, publicAddress, publicOrigin } = settings;
  const server = certificateIn(dataDir);
  const database = databaseUrls(settings, secrets);
  const deviceOrigin = new URL(publicOrigin.replace(/^http:/, "https:"));
  deviceOrigin.port = String(settings.DEVICE_HTTPS_PORT);
  const loopback = (port: number) => `http://127.0.0.1:${port}`;
  const common = {
    DATA_DIR: dataDir,
    PUBLIC_HOST: settings.PUBLIC_HOST,
    PUBLIC_ADDRESS: publicAddress,
    BIND_ADDRESS: bindAddress,
  };
  const perAddress = { CONNECTIONS_PER_ADDRESS: String(settings.CONNECTIONS_PER_ADDRESS) };
  const livekitKeys = { LIVEKIT_API_KEY: secrets.LIVEKIT_API_KEY, LIVEKIT_API_SECRET: secrets.LIVEKIT_API_SECRET };
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  const tracing: Record<string, string> = endpoint ? { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } : {};
  const tcp = (port: number, variable: string, address = "127.0.0.1"): PortNeed => ({
    port,
    variable,
    address,
    kind: "tcp",
  });
  const udp = (port: number, variable: string): PortNeed => ({ port, variable, address: bindAddress, kind: "udp" });

  const mail: PartSpec = {
    name: "mail",
    stage: 0,
    script: "media-nodes/mail/main.ts",
    environment: {
      ...common,
      MAIL_PORT: String(settings.MAIL_PORT),
      MAIL_FROM: settings.MAIL_FROM,
      ...(settings.SMTP_URL ? { SMTP_URL: settings.SMTP_URL } : {}),
    },
    address: loopback(settings.MAIL_PORT),
    ports: [tcp(settings.MAIL_PORT, "MAIL_PORT")],
    probe: { kind: "http", url: `${loopback(settings.MAIL_PORT)}/health` },
  };

  const ntp: PartSpec = {
    name: "ntp",
    stage: 0,
    script: "media-nodes/ntp/main.ts",
    environment: { ...common, NTP_PORT: String(settings.NTP_PORT) },
    address: `ntp://${settings.PUBLIC_HOST}:${settings.NTP_PORT}`,
    ports: [udp(settings.NTP_PORT, "NTP_PORT")],
    probe: { kind: "ntp", host: publicAddress, port: settings.NTP_PORT },
  };

  const embedded = settings.DATABASE_URL === undefined;
  const { host, pathname } = new URL(database.application);
  const postgres: PartSpec = {
    name: "postgres",
    stage: 0,
    script: "db/embedded/main.ts",
    environment: {
      ...common,
      ...(embedded ? { POSTGRES_PORT: String(settings.POSTGRES_PORT) } : {}),
      NEON_PORT: String(settings.NEON_PORT),
      DATABASE_URL: database.application,
      DATABASE_OWNER_URL: database.owner,
      FACTORY_BATCH: join(dataDir, "pki", "factory", "batch.json"),
      DEMO_PASSWORD_MARA: secrets.DEMO_PASSWORD_MARA,
      DEMO_PASSWORD_JONAS: secrets.DEMO_PASSWORD_JONAS,
    },
    address: `postgres://${host}${pathname}`,
    ports: [...(embedded ? [tcp(settings.POSTGRES_PORT, "POSTGRES_PORT")] : []), tcp(settings.NEON_PORT, "NEON_PORT")],
    probe: { kind: "query", url: `${loopback(settings.NEON_PORT)}/sql`, database: database.application },
  };

  const livekit: PartSpec = {
    name: "livekit",
    stage: 0,
    script: "media-nodes/livekit/main.ts",
    environment: {
      ...common,
      ...livekitKeys,
      SYMPHONY_BIN_DIR: settings.binDir,
      LIVEKIT_PORT: String(settings.LIVEKIT_PORT),
      LIVEKIT_UDP_PORT: String(settings.LIVEKIT_UDP_PORT),
      STUN_PORT: String(settings.STUN_PORT),
      TURN_PORTS: settings.TURN_PORTS,
    },
    address: `ws://127.0.0.1:${settings.LIVEKIT_PORT}`,
    ports: [
      tcp(settings.LIVEKIT_PORT, "LIVEKIT_PORT"),
      udp(settings.LIVEKIT_UDP_PORT, "LIVEKIT_UDP_PORT"),
      udp(settings.STUN_PORT, "STUN_PORT"),
    ],
    probe: { kind: "http", url: loopback(settings.LIVEKIT_PORT) },
  };

  const edge: PartSpec = {
    name: "edge",
    stage: 1,
    script: "media-nodes/edge/main.ts",
    environment: {
      DATA_DIR: dataDir,
      ...livekitKeys,
      ...tracing,
      CALL_LIMIT_S: String(settings.CALL_LIMIT_S),
      MINIFLARE_PORT: String(settings.MINIFLARE_PORT),
      DATABASE_URL: database.application,
      NEON_FETCH_ENDPOINT: `${loopback(settings.NEON_PORT)}/sql`,
      AUTH_SECRET: secrets.AUTH_SECRET,
      URL_SECRET: secrets.URL_SECRET,
      CLAIM_CODE_SECRET: secrets.CLAIM_CODE_SECRET,
      CAMERA_CREDENTIALS_KEY: secrets.CAMERA_CREDENTIALS_KEY,
      CRL_URL: settings.listsUrl,
      FIRMWARE_TIMESTAMP_KEY: secrets.FIRMWARE_TIMESTAMP_KEY,
      FIRMWARE_TOKEN: secrets.FIRMWARE_TOKEN,
      MEDIA_NODE_TOKEN: secrets.MEDIA_NODE_TOKEN,
      LIVEKIT_URL: settings.LIVEKIT_URL ?? publicOrigin.replace(/^http/, "ws"),
      PUBLIC_ORIGIN: publicOrigin,
      STUN_URL: `stun:${settings.PUBLIC_HOST}:${settings.STUN_PORT}`,
      MAIL_URL: `${loopback(settings.MAIL_PORT)}/mails`,
    },
    address: loopback(settings.MINIFLARE_PORT),
    ports: [tcp(settings.MINIFLARE_PORT, "MINIFLARE_PORT")],
    probe: { kind: "http", url: `${loopback(settings.MINIFLARE_PORT)}/health`, alsoWell: [503] },
  };

  const front: PartSpec = {
    name: "front",
    stage: 2,
    script: "media-nodes/front/main.ts",
    environment: {
      PUBLIC_ORIGIN: publicOrigin,
      BIND_ADDRESS: bindAddress,
      EDGE_PORT: String(settings.EDGE_PORT),
      CRL_PORT: String(settings.CRL_PORT),
      CRL_URL: settings.listsUrl,
      MINIFLARE_PORT: String(settings.MINIFLARE_PORT),
      LIVEKIT_PORT: String(settings.LIVEKIT_PORT),
      ...perAddress,
      ...(settings.secure ? { TLS_CERTIFICATE: server.certificate, TLS_KEY: server.key } : {}),
    },
    address: publicOrigin,
    ports: [tcp(settings.EDGE_PORT, "EDGE_PORT", bindAddress), tcp(settings.CRL_PORT, "CRL_PORT", bindAddress)],
    probe: {
      kind: "http",
      url: `${publicOrigin}/health`,
      alsoWell: [503],
      connectTo: bindAddress === "0.0.0.0" ? "127.0.0.1" : bindAddress,
      authority: server.authority,
    },
  };

  const deviceFront: PartSpec = {
    name: "device-front",
    stage: 2,
    script: "media-nodes/device-front/main.ts",
    environment: {
      DATA_DIR: dataDir,
      PUBLIC_HOST: settings.PUBLIC_HOST,
      BIND_ADDRESS: bindAddress,
      DEVICE_HTTPS_PORT: String(settings.DEVICE_HTTPS_PORT),
      LOG_PORT: String(settings.LOG_PORT),
      ...perAddress,
      MINIFLARE_PORT: String(settings.MINIFLARE_PORT),
      MEDIA_NODE_TOKEN: secrets.MEDIA_NODE_TOKEN,
    },
    address: deviceOrigin.origin,
    ports: [
      tcp(settings.DEVICE_HTTPS_PORT, "DEVICE_HTTPS_PORT", bindAddress),
      tcp(settings.LOG_PORT, "LOG_PORT", bindAddress),
    ],
    probe: {
      kind: "http",
      url: `${deviceOrigin.origin}/.well-known/est/cacerts`,
      connectTo: bindAddress === "0.0.0.0" ? "127.0.0.1" : bindAddress,
      authority: server.authority,
    },
  };

  const mqtt: PartSpec = {
    name: "mqtt",
    stage: 2,
    script: "media-nodes/mqtt/main.ts",
    environment: {
      DATA_DIR: dataDir,
      BIND_ADDRESS: bindAddress,
      NODE_NAME: settings.NODE_NAME,
      MQTT_BROKER: settings.MQTT_BROKER,
      MQTT_PORT: String(settings.MQTT_PORT),
      ...perAddress,
      MQTT_HEALTH_PORT: String(settings.MQTT_HEALTH_PORT),
      MEDIA_NODE_TOKEN: secrets.MEDIA_NODE_TOKEN,
      EDGE_URL: loopback(settings.MINIFLARE_PORT),
    },
    address: `mqtts://${settings.PUBLIC_HOST}:${settings.MQTT_PORT}`,
    ports: [tcp(settings.MQTT_PORT, "MQTT_PORT", bindAddress), tcp(settings.MQTT_HEALTH_PORT, "MQTT_HEALTH_PORT")],
    probe: { kind: "http", url: loopback(settings.MQTT_HEALTH_PORT) },
  };

  const gateway: PartSpec = {
    name: "sip-gateway",
    stage: 2,
    script: "media-nodes/sip-gateway/main.ts",
    environment: {
      ...common,
      ...livekitKeys,
      ...tracing,
      NODE_NAME: settings.NODE_NAME,
      SIP_PORT: String(settings.SIP_PORT),
      ...perAddress,
      MQTT_PORT: String(settings.MQTT_PORT),
      SRTP_PORTS: settings.SRTP_PORTS,
      ROOM_PORTS: settings.ROOM_PORTS,
      GATEWAY_HEALTH_PORT: String(settings.GATEWAY_HEALTH_PORT),
      MEDIA_NODE_TOKEN: secrets.MEDIA_NODE_TOKEN,
      /** Straight to the edge: the front's certificate is of no concern inside the machine. */
      EDGE_URL: loopback(settings.MINIFLARE_PORT),
      LIVEKIT_URL: settings.LIVEKIT_URL ?? `ws://127.0.0.1:${settings.LIVEKIT_PORT}`,
    },
    address: `sips:${settings.PUBLIC_HOST}:${settings.SIP_PORT}`,
    ports: [tcp(settings.SIP_PORT, "SIP_PORT", bindAddress), tcp(settings.GATEWAY_HEALTH_PORT, "GATEWAY_HEALTH_PORT")],
    probe: { kind: "http", url: `${loopback(settings.GATEWAY_HEALTH_PORT)}/health` },
  };

  return [mail, ntp, postgres, ...(settings.LIVEKIT_URL ? [] : [livekit]), edge, front, deviceFront, mqtt, gateway];
}
