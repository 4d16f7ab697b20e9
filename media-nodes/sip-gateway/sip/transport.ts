/** SIP over TLS: the gateway's listener (mutual TLS, the certificate names the device) and a station's connection to it. */
import { connect, createServer, type SecureContextOptions, type Server, type TLSSocket } from "node:tls";
import { deviceId } from "#core/messages/values.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createFlow, type Flow, type FlowOptions } from "./flow.ts";

export interface ListenOptions {
  host: string;
  port: number;
  /** PEM: the server's certificate chain and key, and the authority of the devices. */
  certificate: string | Buffer;
  key: string | Buffer;
  deviceAuthority: string | Buffer;
  clock?: Clock;
  /** All connections together, and from one address. */
  maxConnections?: number;
  maxPerAddress?: number;
  /** How long a TLS handshake may take. Milliseconds. */
  handshakeTime?: number;
  /** When a silent device is asked for a sign of life. Milliseconds; see {@link FlowOptions.probe}. */
  probe?: { after: number; wait: number };
  onFlow(flow: Flow): void;
  /** Says why a connection was refused, without anything it sent. */
  onRefused(about: { address: string; reason: string }): void;
}

/**
 * The device a client certificate names: its SAN `urn:uuid:<device id>`, which must also be its common name.
 * Undefined where it names none.
 */
export function deviceOfCertificate(certificate: {
  subject?: { CN?: string | string[] };
  subjectaltname?: string;
}): string | undefined {
  const urn = /(?:^|, )URI:"?urn:uuid:([0-9a-f-]{36})"?(?:,|$)/.exec(certificate.subjectaltname ?? "")?.[1];
  if (urn === undefined || certificate.subject?.CN !== urn) return undefined;
  return deviceId.safeParse(urn).success ? urn : undefined;
}

const protocol: SecureContextOptions = { minVersion: "TLSv1.2" };

/** Listens for devices. Resolves once the port is bound; rejects where it is taken. */
export function listenTls(options: ListenOptions): Promise<Server> {
  const { clock = systemClock, maxConnections = 20_000, maxPerAddress = 2_000 } = options;
  const perAddress = new Map<string, number>();
  const server = createServer({
    ...protocol,
    cert: options.certificate,
    key: options.key,
    ca: options.deviceAuthority,
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: options.handshakeTime ?? 10_000,
    // Every connection shows its certificate anew: a resumed session would skip the check.
    sessionTimeout: 1,
  });
  server.maxConnections = maxConnections;

  server.on("connection", (socket) => {
    const address = socket.remoteAddress ?? "";
    const count = (perAddress.get(address) ?? 0) + 1;
    perAddress.set(address, count);
    socket.once("close", () => {
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left === 0) perAddress.delete(address);
      else perAddress.set(address, left);
    });
    if (count > maxPerAddress) {
      options.onRefused({ address, reason: "too many connections from one address" });
      socket.destroy();
    }
  });
  server.on("drop", (about) =>
    options.onRefused({ address: about?.remoteAddress ?? "", reason: "too many connections" }),
  );
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
    options.onRefused({ address: socket.remoteAddress ?? "", reason: error.code ?? "handshake failed" });
    socket.destroy();
  });
  server.on("secureConnection", (socket: TLSSocket) => {
    const address = socket.remoteAddress ?? "";
    const named = deviceOfCertificate(socket.getPeerCertificate());
    if (named === undefined) {
      options.onRefused({ address, reason: "the certificate names no device" });
      socket.destroy();
      return;
    }
    options.onFlow(
      createFlow(socket, {
        clock,
        deviceId: named,
        probe: options.probe ?? { after: 45_000, wait: 15_000 },
        onRefused: (status, reason) => options.onRefused({ address, reason: `${status} ${reason}` }),
      }),
    );
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

export interface ConnectOptions extends Pick<FlowOptions, "pingEvery"> {
  host: string;
  port: number;
  certificate: string | Buffer;
  key: string | Buffer;
  serverAuthority: string | Buffer;
  clock?: Clock;
}

/** Connects as a device. Rejects where the server, its certificate or ours is refused, or after 10 s. */
export function connectTls(options: ConnectOptions): Promise<Flow> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...protocol,
      host: options.host,
      port: options.port,
      cert: options.certificate,
      key: options.key,
      ca: options.serverAuthority,
      servername: /^[\d.:]+$/.test(options.host) ? undefined : options.host,
    });
    socket.setTimeout(10_000, () => socket.destroy(new Error("no TLS connection within 10 s")));
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      socket.setTimeout(0);
      socket.off("error", reject);
      resolve(createFlow(socket, { clock: options.clock ?? systemClock, pingEvery: options.pingEvery }));
    });
  });
}
