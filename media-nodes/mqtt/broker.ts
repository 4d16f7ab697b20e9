/**
 * The MQTT broker for devices: 3.1.1 over mutual TLS, Aedes in process. It keeps nothing. A device is whom its certificate
 * names, reaches its own topics only, and is told what it missed from the database when it connects. What it says is
 * acknowledged (PUBACK) once `onMessage` has resolved, that is, once it is stored.
 *
 * Any broker can stand here that holds to the same rules: client id = the certificate's device id, the topics of
 * core/messages/device.ts, clean sessions, nothing retained, and a way to end one client's connection.
 */
import { Duplex } from "node:stream";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { Aedes, type AuthErrorCode, type Client, type ConnectPacket } from "aedes";

import {
  type Down,
  type DownKind,
  downTopic,
  largestPacket,
  mayPublish,
  maySubscribe,
  parseUp,
  type UpMessage,
} from "#core/messages/device.ts";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import { type Credentials, deviceOfCertificate, deviceTls, serialOf } from "../tls/device-tls.ts";
import { limitPackets } from "./packet-limit.ts";

export interface BrokerOptions extends Credentials {
  host: string;
  port: number;
  /** Asked after every handshake: the certificate may be revoked. Rejects where nobody can say. */
  isGood(serial: string): Promise<boolean>;
  onConnected?(device: DeviceId, serial: string): void;
  /** A device subscribed to what is said to it: the moment to say what it missed. */
  onListening(device: DeviceId): void;
  onGone(device: DeviceId): void;
  /** Resolves once the message is stored. A rejection ends the connection, and the device says it again. */
  onMessage(device: DeviceId, message: UpMessage): Promise<void>;
  /** Says why a connection was refused or ended, without anything it sent. */
  onRefused(about: { address: string; device?: DeviceId; reason: string }): void;
  /** All connections together. */
  maxConnections?: number;
}

export interface Broker {
  readonly port: number;
  /** The devices that are connected. */
  connected(): DeviceId[];
  /** @returns whether the device is connected to hear it. */
  say<Kind extends DownKind>(device: DeviceId, kind: Kind, body: Down<Kind>): boolean;
  /** Ends a device's connection at once: its certificate was revoked. */
  kick(device: DeviceId): void;
  close(): Promise<void>;
}

/** Seconds. A device that says nothing for one and a half times as long is gone (MQTT 3.1.1 §3.1.2.10). */
export const longestKeepAlive = 60;
const handshakeTime = 10_000;

/** MQTT 3.1.1 §3.2.2.3. */
const identifierRejected = 2;
const serverUnavailable = 3;
const notAuthorised = 5;
const refusal = (returnCode: AuthErrorCode, reason: string) => Object.assign(new Error(reason), { returnCode });

/** What is known of a connection since its handshake. */
interface Peer {
  device: DeviceId;
  address: string;
  /** The certificate's number: all of it would be kept for each of many thousands. */
  serial: string;
  /** Set by CONNECT. */
  asked?: Pick<ConnectPacket, "clean" | "clientId">;
}

/** Listens for devices. Resolves once the port is bound; rejects where it is taken. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const peers = new WeakMap<object, Peer>();
  const clients = new Map<DeviceId, Client>();
  const peerOf = (client: Client) => peers.get(client.conn);

  const aedes = await Aedes.createBroker({
    keepaliveLimit: longestKeepAlive,
    connectTimeout: handshakeTime,
    drainTimeout: 10_000,
    maxTopicLevels: 8,
    preConnect(client, packet, done) {
      const peer = peerOf(client);
      if (!peer) return done(new Error("no certificate"), false);
      peer.asked = { clean: packet.clean ?? false, clientId: packet.clientId };
      // The broker sees for itself who is gone: a will would only be a way to speak after the connection's end.
      delete packet.will;
      done(null, true);
    },
    authenticate(client, _username, _password, done) {
      const peer = peerOf(client);
      if (!peer?.asked) return done(refusal(notAuthorised, "no certificate"), false);
      const { device, asked, serial } = peer;
      if (asked.clientId !== device) return done(refusal(identifierRejected, "another client id"), false);
      if (!asked.clean) return done(refusal(identifierRejected, "not a clean session"), false);
      options.isGood(serial).then(
        (good) => (good ? done(null, true) : done(refusal(notAuthorised, "certificate not good"), false)),
        () => done(refusal(serverUnavailable, "certificate can't be judged now"), false),
      );
    },
    authorizeSubscribe(client, subscription, done) {
      const device = peerOf(client)?.device;
      done(null, device && maySubscribe(device, subscription.topic) ? subscription : null);
    },
    authorizePublish(client, packet, done) {
      const device = client ? peerOf(client)?.device : undefined;
      if (!device) return done(new Error("not a device"));
      if (packet.retain || packet.qos === 2) return done(new Error("neither retained nor QoS 2"));
      const kind = mayPublish(device, packet.topic);
      const message = kind && parseUp(kind, packet.payload.toString());
      if (!message) return done(new Error(kind ? "not in the protocol" : "not its own topic"));
      options.onMessage(device, message).then(
        () => done(),
        () => done(new Error("could not be stored")),
      );
    },
  });

  aedes.on("clientReady", (client) => {
    const peer = peerOf(client);
    if (!peer) return;
    clients.set(peer.device, client);
    options.onConnected?.(peer.device, peer.serial);
  });
  aedes.on("subscribe", (subscriptions, client) => {
    const device = peerOf(client)?.device;
    // A filter that was refused has QoS 128.
    if (device && subscriptions.some(({ qos }) => qos < 128)) options.onListening(device);
  });
  aedes.on("clientDisconnect", (client) => {
    const device = peerOf(client)?.device;
    if (!device || clients.get(device) !== client) return;
    clients.delete(device);
    options.onGone(device);
  });
  const ended = (client: Client, error: Error) => {
    const peer = peerOf(client);
    options.onRefused({ address: peer?.address ?? "", ...(peer && { device: peer.device }), reason: error.message });
  };
  aedes.on("clientError", ended);
  aedes.on("connectionError", ended);

  const server = createServer({ ...deviceTls(options), rejectUnauthorized: true });
  server.maxConnections = options.maxConnections ?? 20_000;
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
    options.onRefused({ address: socket.remoteAddress ?? "", reason: error.code ?? "handshake failed" });
    socket.destroy();
  });
  server.on("secureConnection", (socket: TLSSocket) => {
    const address = socket.remoteAddress ?? "";
    const certificate = socket.getPeerCertificate();
    const device = deviceId.safeParse(deviceOfCertificate(certificate));
    if (!device.success) {
      options.onRefused({ address, reason: "the certificate names no device" });
      socket.destroy();
      return;
    }
    const connection = limited(socket);
    peers.set(connection, { device: device.data, address, serial: serialOf(certificate) });
    aedes.handle(connection);
  });
  await listening(server, options);

  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : options.port,
    connected: () => [...clients.keys()],
    say(device, kind, body) {
      const client = clients.get(device);
      if (!client) return false;
      const payload = Buffer.from(JSON.stringify(body));
      // Without a callback Aedes throws. That it left is no news: the device acknowledges what it applied.
      client.publish(
        { cmd: "publish", topic: downTopic(device, kind), payload, qos: 1, retain: false, dup: false },
        () => {},
      );
      return true;
    },
    kick(device) {
      clients.get(device)?.conn.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close();
        aedes.close(() => resolve());
      }),
  };
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

function listening(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
