/** What can be set from outside, read once at start. A wrong value stops the start with a sentence. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { callLimitSeconds } from "#core/call/talk-time.ts";
import { connectionsPerAddress } from "#core/device/connections.ts";
import { nodeName, onlyNode } from "#core/messages/values.ts";

const port = (fallback: number) => z.coerce.number("is a port, 1 to 65535").int().min(1).max(65_535).default(fallback);
const ports = (fallback: string) =>
  z
    .string()
    .regex(/^\d+-\d+$/, "is two ports, as in 10000-39999")
    .default(fallback);

const variables = z.object({
  /** Where others reach this machine: a host name or an address. Anything but localhost is served over HTTPS. */
  PUBLIC_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.-]+$/, "is a host name or an IPv4 address")
    .default("localhost"),
  DATA_DIR: z.string().default(".data"),
  /** Where built programs are kept: LiveKit's server. `bin` in the data folder unless set. */
  SYMPHONY_BIN_DIR: z.string().optional(),
  EDGE_PORT: port(8080),
  MINIFLARE_PORT: port(8787),
  POSTGRES_PORT: port(15_432),
  NEON_PORT: port(15_433),
  LIVEKIT_PORT: port(7880),
  LIVEKIT_UDP_PORT: port(49_990),
  STUN_PORT: port(3478),
  TURN_PORTS: ports("49991-49999"),
  SIP_PORT: port(5061),
  /** HTTPS with client certificates, for devices: claiming, configuration. 443 where devices come from elsewhere. */
  DEVICE_HTTPS_PORT: port(8443),
  /** HTTPS with client certificates: the lines of devices' logs, as they come. */
  LOG_PORT: port(8088),
  /** Connections from one address at each of the devices' ports, at LOG_PORT a tenth of it. */
  CONNECTIONS_PER_ADDRESS: connectionsPerAddress,
  /** Revocation lists over plain HTTP. 80 where others fetch them. */
  CRL_PORT: port(8081),
  /** Where revocation lists are fetched, as certificates name it: at CRL_PORT of this machine unless set. */
  CRL_URL: z.url({ protocol: /^http$/ }).optional(),
  GATEWAY_HEALTH_PORT: port(8790),
  /** Names this media node to the edge, where one edge has several. */
  NODE_NAME: nodeName.default(onlyNode),
  SRTP_PORTS: ports("10000-39999"),
  ROOM_PORTS: ports("40000-49989"),
  /** Mosquitto has to be on the PATH. */
  MQTT_BROKER: z.enum(["aedes", "mosquitto"]).default("aedes"),
  MQTT_PORT: port(8883),
  MQTT_HEALTH_PORT: port(8791),
  /** 123 in production, where the system lets us have it. */
  NTP_PORT: port(10_123),
  /** A Postgres of your own: whom the application speaks as. That role is made, or gets its password, by the owner. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** The same database as a role that may create tables and roles. */
  DATABASE_OWNER_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  MAIL_PORT: port(8026),
  /** smtp(s)://user:password@host:port: mails go there and not to the local page alone. */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  /** Ends talks after so many seconds: sooner than the data sheet's 600, never later. */
  CALL_LIMIT_S: callLimitSeconds.default(600),
  /** Where the calls' traces go: the base of an OTLP receiver over HTTP, http(s)://host:4318. None are kept without it. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  MAIL_FROM: z.string().default("Symphony <no-reply@localhost>"),
  /** A LiveKit of your own, ws(s)://…; then LIVEKIT_API_KEY and LIVEKIT_API_SECRET are its. */
  LIVEKIT_URL: z.url({ protocol: /^wss?$/ }).optional(),
});

export type Variables = z.infer<typeof variables>;

/** Every variable there is; README.md names them. */
export const variableNames = Object.keys(variables.shape);

/** Those of where everything is that were set: a command without them asks elsewhere. As one writes them in a shell. */
export const placesIn = (environment: NodeJS.ProcessEnv): string =>
  variableNames
    .filter((name) => /^(PUBLIC_HOST|DATA_DIR|.*_PORT)$/.test(name) && environment[name])
    .map((name) => `${name}=${environment[name]}`)
    .join(" ");

export interface Settings extends Variables {
  dataDir: string;
  binDir: string;
  /** The address that goes into SDP and LiveKit's candidates. */
  publicAddress: string;
  /** What the public parts listen on. */
  bindAddress: string;
  secure: boolean;
  /** http(s) origin of portal and API. */
  publicOrigin: string;
  /** Where revocation lists are fetched, as certificates name it. */
  listsUrl: string;
  /** The names in the server certificate. */
  certificateNames: [string, ...string[]];
}

/** A setting that makes no sense: its message is the whole sentence for the person at the terminal. */
export class SettingError extends Error {}

/** Reads the variables; throws {@link SettingError}. An empty variable counts as not set. */
export function parseVariables(environment: NodeJS.ProcessEnv): Variables {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = variables.safeParse(set);
  if (parsed.success) return checked(parsed.data, set);
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0]);
  // An address of another server may hold a password.
  const shown = name.endsWith("_URL") ? name : `${name}=${environment[name] ?? ""}`;
  throw new SettingError(`${shown} can't be used: ${issue?.message ?? "wrong value"}.`);
}

/** What no variable shows alone. */
function checked(given: Variables, set: Record<string, unknown>): Variables {
  const { DATABASE_URL: application, DATABASE_OWNER_URL: owner } = given;
  if ((application === undefined) !== (owner === undefined))
    throw new SettingError("DATABASE_URL and DATABASE_OWNER_URL go together: the application's role, and the owner's.");
  if (application && owner && new URL(application).username === new URL(owner).username)
    throw new SettingError(
      "DATABASE_URL and DATABASE_OWNER_URL name one role: the application must not own its tables.",
    );
  if (given.LIVEKIT_URL && !(set.LIVEKIT_API_KEY && set.LIVEKIT_API_SECRET))
    throw new SettingError("LIVEKIT_URL needs LIVEKIT_API_KEY and LIVEKIT_API_SECRET: those that LiveKit knows.");
  return given;
}

/**
 * Derives the rest from the variables. `publicAddress` is what PUBLIC_HOST stands for, `own` lists this machine's addresses:
 * behind address translation the public one is not among them, and then everything is listened on.
 */
export function deriveSettings(given: Variables, publicAddress: string, own: readonly string[]): Settings {
  const local = given.PUBLIC_HOST === "localhost";
  const scheme = local ? "http" : "https";
  const dataDir = resolve(given.DATA_DIR);
  return {
    ...given,
    dataDir,
    binDir: given.SYMPHONY_BIN_DIR ? resolve(given.SYMPHONY_BIN_DIR) : resolve(dataDir, "bin"),
    publicAddress,
    bindAddress: own.includes(publicAddress) ? publicAddress : "0.0.0.0",
    secure: !local,
    publicOrigin: new URL(`${scheme}://${given.PUBLIC_HOST}:${given.EDGE_PORT}`).origin,
    listsUrl: given.CRL_URL ?? new URL(`http://${given.PUBLIC_HOST}:${given.CRL_PORT}/crl`).href,
    certificateNames: [given.PUBLIC_HOST, ...["localhost", "127.0.0.1", publicAddress].filter(others)],
  };

  function others(name: string, index: number, all: string[]): boolean {
    return name !== given.PUBLIC_HOST && all.indexOf(name) === index;
  }
}

/** Reads the settings of this process. Throws {@link SettingError}. */
export async function readSettings(environment: NodeJS.ProcessEnv): Promise<Settings> {
  const given = parseVariables(environment);
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map((one) => one.address) ?? []);
  if (given.PUBLIC_HOST === "localhost") return deriveSettings(given, "127.0.0.1", ["127.0.0.1"]);
  if (isIP(given.PUBLIC_HOST)) return deriveSettings(given, given.PUBLIC_HOST, own);
  const found = await lookup(given.PUBLIC_HOST, { family: 4 }).catch(() => undefined);
  if (!found) throw new SettingError(`PUBLIC_HOST=${given.PUBLIC_HOST} can't be used: no address is known for it.`);
  return deriveSettings(given, found.address, own);
}
