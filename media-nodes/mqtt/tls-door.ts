/** Where devices come in, whatever broker stands behind: TLS with a certificate that names a device, and packets of bounded size. */
import { Duplex } from "node:stream";
import { createServer, type TLSSocket } from "node:tls";
import { connectionsPerCertificate } from "#core/device/connections.ts";
import { largestPacket } from "#core/messages/device.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { deviceOn, deviceTls, issuedByOneOf, serialOf } from "../tls/device-tls.ts";
import { handshakesInTurn } from "../tls/in-turn.ts";
import { newShares, shareByAddress } from "../tls/shares.ts";
import type { BrokerOptions } from "./broker.ts";
import { limitPackets } from "./packet-limit.ts";

/** What is known of a connection since its handshake. */
export interface Peer {
  device: DeviceId;
  address: string;
  /** The certificate's number: all of it would be kept for each of many thousands. */
  serial: string;
}

export interface TlsDoor {
  readonly port: number;
  close(): void;
}

/** Listens for devices. Resolves once the port is bound; rejects where it is taken. */
export function openTlsDoor(
  options: BrokerOptions,
  onDevice: (connection: Duplex, peer: Peer) => void,
): Promise<TlsDoor> {
  const server = createServer({ ...deviceTls(options), rejectUnauthorized: true });
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
    options.onRefused({ address: socket.remoteAddress ?? "", reason: error.code ?? "handshake failed" });
    socket.destroy();
  });
  const counts = issuedByOneOf(options.deviceAuthority);
  const devices = newShares(connectionsPerCertificate);
  server.on("secureConnection", (socket: TLSSocket) => {
    const address = socket.remoteAddress ?? "";
    const refuse = (reason: string) => {
      options.onRefused({ address, reason });
      socket.destroy();
    };
    const device = deviceOn(socket, counts);
    if (!device) return refuse("the certificate is no device's");
    const serial = serialOf(socket.getPeerCertificate());
    if (!devices.take(serial, socket)) return refuse("too many connections by one certificate");
    onDevice(limited(socket), { device, address, serial });
  });
  const door = handshakesInTurn(server);
  door.maxConnections = options.maxConnections ?? 20_000;
  shareByAddress(door, options.onRefused, options.perAddress);
  return new Promise((resolve, reject) => {
    door.once("error", reject);
    door.listen(options.port, options.host, () => {
      door.off("error", reject);
      const bound = door.address();
      const port = typeof bound === "object" && bound ? bound.port : options.port;
      resolve({ port, close: () => door.close() });
    });
  });
}

/** The socket, with what comes in bounded. One stream and no pipe of several: it is there for each of many thousands. */
function limited(socket: TLSSocket): Duplex {
  const check = limitPackets(largestPacket);
  const connection = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
    // A packet is written in pieces, and sent in one.
    writev: (pieces, done) => void socket.write(Buffer.concat(pieces.map(({ chunk }) => chunk)), done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk: Buffer) => {
    try {
      check(chunk);
      if (!connection.push(chunk)) socket.pause();
    } catch (error) {
      connection.destroy(error instanceof Error ? error : undefined);
    }
  });
  socket.on("end", () => connection.push(null));
  socket.on("error", (error) => connection.destroy(error));
  socket.on("close", () => connection.destroy());
  return connection;
}
