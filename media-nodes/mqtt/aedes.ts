/** Aedes, in process, as the broker for devices. */
import { Aedes, type Client, type ConnectPacket } from "aedes";
import { downTopic, maySubscribe } from "#core/messages/device.ts";
import type { DeviceId } from "#core/messages/values.ts";
import {
  type Broker,
  type BrokerOptions,
  connectReturn,
  connectTime,
  longestKeepAlive,
  type Refusal,
  readPublish,
  refusalOf,
} from "./broker.ts";
import { openTlsDoor, type Peer } from "./tls-door.ts";

/** What is known of a connection; `asked` is set by CONNECT. */
type Known = Peer & { asked?: Pick<ConnectPacket, "clean" | "clientId"> };

const refused = ({ returnCode, reason }: Refusal) => Object.assign(new Error(reason), { returnCode });

/** Listens for devices. Resolves once the port is bound; rejects where it is taken. */
export async function startAedes(options: BrokerOptions): Promise<Broker> {
  const peers = new WeakMap<object, Known>();
  const clients = new Map<DeviceId, Client>();
  const peerOf = (client: Client) => peers.get(client.conn);

  const aedes = await Aedes.createBroker({
    keepaliveLimit: longestKeepAlive,
    connectTimeout: connectTime,
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
    async authenticate(client, _username, _password, done) {
      const peer = peerOf(client);
      const refusal = peer?.asked
        ? await refusalOf(peer.asked, peer, options.isGood)
        : { returnCode: connectReturn.notAuthorised, reason: "no certificate" };
      if (refusal) done(refused(refusal), false);
      else done(null, true);
    },
    authorizeSubscribe(client, subscription, done) {
      const device = peerOf(client)?.device;
      done(null, device && maySubscribe(device, subscription.topic) ? subscription : null);
    },
    async authorizePublish(client, packet, done) {
      const device = client ? peerOf(client)?.device : undefined;
      try {
        if (!device) throw new Error("not a device");
        const message = readPublish(device, packet);
        await options.onMessage(device, message).catch(() => Promise.reject(new Error("could not be stored")));
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error("refused"));
      }
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

  const door = await openTlsDoor(options, (connection, peer) => {
    peers.set(connection, peer);
    aedes.handle(connection);
  });

  return {
    port: door.port,
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
        door.close();
        aedes.close(() => resolve());
      }),
  };
}
