/** SIP over TLS: the gateway's listener (mutual TLS, the certificate names the device) and a station's connection to it. */
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import { connectionsPerCertificate } from "#core/device/connections.ts";
import type { Admission } from "../../tls/admission.ts";
import { type Credentials, deviceOn, deviceTls, issuedByOneOf, serialOf } from "../../tls/device-tls.ts";
import { newShares, shareByAddress } from "../../tls/shares.ts";
import { type Allowance, usualAllowance } from "./allowance.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createFlow, type Flow, type FlowOptions } from "./flow.ts";

export interface ListenOptions extends Credentials {
  host: string;
  port: number;
  /** Asked after every handshake, resumed ones too. */
  admission: Pick<Admission, "admit" | "hold">;
  clock?: Clock;
  /** All connections together, and those from one address. */
  maxConnections?: number;
  perAddress?: number;
  /** When a silent device is asked for a sign of life. Milliseconds; see {@link FlowOptions.probe}. */
  probe?: { after: number; wait: number };
  /** How much each device may say. */
  allowance?: Allowance;
  onFlow(flow: Flow): void;
  /** Says why a connection was refused, without anything it sent. */
  onRefused(about: { address: string; reason: string }): void;
}

/** A connection that breaks while its certificate is looked up. */
const ignored = () => undefined;

/** Listens for devices. Resolves once the port is bound; rejects where it is taken. */
export function listenTls(options: ListenOptions): Promise<Server> {
  const { clock = systemClock, maxConnections = 20_000 } = options;
  const server = createServer({ ...deviceTls(options), rejectUnauthorized: true });
  server.maxConnections = maxConnections;
  shareByAddress(server, options.onRefused, options.perAddress);
  const counts = issuedByOneOf(options.deviceAuthority);
  const devices = newShares(connectionsPerCertificate);

  server.on("drop", (about) =>
    options.onRefused({ address: about?.remoteAddress ?? "", reason: "too many connections" }),
  );
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
    options.onRefused({ address: socket.remoteAddress ?? "", reason: error.code ?? "handshake failed" });
    socket.destroy();
  });
  server.on("secureConnection", async (socket: TLSSocket) => {
    const address = socket.remoteAddress ?? "";
    const refuse = (reason: string) => {
      options.onRefused({ address, reason });
      socket.destroy();
    };
    const named = deviceOn(socket, counts);
    if (named === undefined) return refuse("the certificate is no device's");
    const serial = serialOf(socket.getPeerCertificate());
    if (!devices.take(serial, socket)) return refuse("too many connections by one certificate");
    // Held before it is judged: a revocation in between must not slip through.
    let end = (): void => void socket.destroy();
    const release = options.admission.hold(serial, () => end());
    socket.once("close", release);
    socket.on("error", ignored);
    const good = await options.admission.admit(serial).catch(() => undefined);
    if (socket.destroyed) return;
    if (!good)
      return refuse(good === undefined ? "the certificate can't be judged now" : "the certificate is not good");
    const flow = createFlow(socket, {
      clock,
      deviceId: named,
      probe: options.probe ?? { after: 45_000, wait: 15_000 },
      allowance: options.allowance ?? usualAllowance,
      onRefused: (status, reason) => options.onRefused({ address, reason: `${status} ${reason}` }),
    });
    socket.off("error", ignored);
    end = () => flow.close("revoked");
    options.onFlow(flow);
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
      minVersion: "TLSv1.2",
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
