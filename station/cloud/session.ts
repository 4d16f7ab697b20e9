/**
 * The station's connection to the cloud's broker: MQTT 3.1.1 over mutual TLS (topics in core/messages/device.ts). On every
 * connection it reports what it is, so that the cloud can say what it ought to be. It comes back by itself.
 */
import mqtt, { ErrorWithReasonCode, type MqttClient } from "mqtt";
import { obeys, type Session } from "#core/device/obey.ts";
import {
  type DeviceCommand,
  type Down,
  type DownKind,
  down,
  downTopic,
  downTopics,
  type Up,
  type UpKind,
  upTopic,
} from "#core/messages/device.ts";
import type { CommandId, DeviceId } from "#core/messages/values.ts";

export interface CloudOptions {
  host: string;
  port: number;
  deviceId: DeviceId;
  /** PEM. Asked for each connection: a certificate is renewed. */
  credentials(): { certificate: string; key: string; serverAuthority: string };
  /** What to report now. */
  report(): Up<"reported">;
  onDesired(desired: Down<"desired">): void;
  /** Carries a command out and says how that went. Each is carried out once. */
  onCommand(command: DeviceCommand, id: CommandId): Promise<Pick<Up<"acknowledged">, "result" | "detail">>;
  onConnected?(connected: boolean): void;
  /** The cloud does not let this certificate in. It is tried again all the same. */
  onRefused?(): void;
  /** A connection ended before the cloud answered: it is away, or takes nobody by a certificate of this authority. */
  onUnanswered?(): void;
}

export interface Cloud {
  /** Says something, or drops it while there is no connection: the next report says what matters. */
  say<Kind extends UpKind>(kind: Kind, body: Up<Kind>): void;
  readonly connected: boolean;
  /** Comes back with the certificate it has now. */
  reconnect(): void;
  close(): Promise<void>;
}

/** MQTT 3.1.1 §3.2.2.3: not authorised. */
const notAuthorised = 5;
const keepAlive = 30;
/** Milliseconds. The pause doubles with every failure, and half of it is left to chance, so that a building does not come in step. */
const firstPause = 500;
const longestPause = 60_000;
/** A clock that nobody sets. Milliseconds. */
const monotonic = () => performance.now();

/** Connects and stays connected until `close`. */
export function openCloud(options: CloudOptions): Cloud {
  const { deviceId } = options;
  let session: Session | undefined;
  let failures = 0;
  /** The broker said of this connection whether it lets the station in. */
  let answered = false;
  /** Commands carried out, with how they went: one that is told twice is acknowledged again, not done again. */
  const done = new Map<CommandId, Up<"acknowledged">>();

  function tls() {
    const { certificate: cert, key, serverAuthority: ca } = options.credentials();
    return { cert, key, ca };
  }

  const client: MqttClient = mqtt.connect({
    protocol: "mqtts",
    host: options.host,
    port: options.port,
    ...tls(),
    clientId: deviceId,
    clean: true,
    keepalive: keepAlive,
    reconnectPeriod: firstPause,
    // Refused now, by a broker that can't ask the edge for one, is not refused for ever.
    reconnectOnConnackError: true,
    queueQoSZero: false,
    resubscribe: false,
  });

  client.on("connect", () => {
    failures = 0;
    answered = true;
    client.subscribe(downTopics(deviceId), { qos: 1 }, (error) => {
      if (error) return client.reconnect();
      say("reported", options.report());
      options.onConnected?.(true);
    });
  });
  client.on("close", () => {
    if (session) options.onConnected?.(false);
    session = undefined;
    if (!answered) options.onUnanswered?.();
    answered = false;
    const pause = Math.min(longestPause, firstPause * 2 ** Math.min(failures++, 10));
    Object.assign(client.options, tls());
    client.options.reconnectPeriod = pause / 2 + (pause / 2) * Math.random();
  });
  // Every error is followed by a close.
  client.on("error", (error) => {
    if (!(error instanceof ErrorWithReasonCode)) return;
    answered = true;
    if (error.code === notAuthorised) options.onRefused?.();
  });
  client.on("message", (topic, payload) => {
    const kind = kinds.find((known) => topic === downTopic(deviceId, known));
    if (kind) heard(kind, payload.toString());
  });

  function say<Kind extends UpKind>(kind: Kind, body: Up<Kind>): void {
    if (client.connected) client.publish(upTopic(deviceId, kind), JSON.stringify(body), { qos: 1 });
  }

  function heard(kind: DownKind, payload: string): void {
    if (kind === "session") {
      const told = readJson(down.session, payload);
      if (told) session = { challenge: told.challenge, heardAt: monotonic() };
    } else if (kind === "desired") {
      const desired = readJson(down.desired, payload);
      if (!desired) return;
      options.onDesired(desired);
      say("reported", options.report());
    } else {
      const order = readJson(down.command, payload);
      if (order) void obey(order);
    }
  }

  async function obey(order: Down<"command">): Promise<void> {
    const { commandId } = order;
    const before = done.get(commandId);
    if (before) return say("acknowledged", before);
    if (!obeys(order, session, monotonic())) return say("acknowledged", { commandId, result: "expired" });
    const outcome = await options.onCommand(order.command, commandId).catch(() => ({ result: "failed" as const }));
    const acknowledged = { commandId, ...outcome };
    done.set(commandId, acknowledged);
    const oldest = done.keys().next().value;
    if (done.size > 100 && oldest) done.delete(oldest);
    say("acknowledged", acknowledged);
  }

  return {
    say,
    get connected() {
      return client.connected;
    },
    reconnect: () => void client.stream.destroy(),
    // What was said last is to arrive; a connection that does not stand yet has nothing to say, and must not come up later.
    close: () => client.endAsync(!client.connected),
  };
}

const kinds = ["session", "desired", "command"] as const satisfies readonly DownKind[];

function readJson<T>(schema: { safeParse(value: unknown): { data?: T } }, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
