/** The UDP sockets of one m= line: RTP on an even port, RTCP on the next. */
import { createSocket, type Socket } from "node:dgram";
import type { PortPool } from "./ports.ts";

export type Address = { address: string; port: number };

export type SocketPair = {
  readonly port: number;
  send(data: Buffer, to: Address): void;
  sendRtcp(data: Buffer, to: Address): void;
  close(): void;
};

/** Another process may hold a port of our range; after this many such pairs something is wrong with the range. */
const attempts = 16;

/**
 * Binds a pair. `receive` gets every datagram of both sockets; RTCP may come on either.
 * @throws when no pair is free
 */
export async function bindPair(
  pool: PortPool,
  address: string,
  receive: (data: Buffer, from: Address, onRtcpPort: boolean) => void,
): Promise<SocketPair> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = pool.take();
    if (port === undefined) break;
    const rtp = await bind(address, port, (data, from) => receive(data, from, false));
    const rtcp = rtp && (await bind(address, port + 1, (data, from) => receive(data, from, true)));
    if (rtp && rtcp) return pairOf(pool, port, rtp, rtcp);
    rtp?.close();
    pool.give(port);
  }
  throw new Error("no free pair of media ports");
}

function pairOf(pool: PortPool, port: number, rtp: Socket, rtcp: Socket): SocketPair {
  let open = true;
  return {
    port,
    send(data, to) {
      if (open) rtp.send(data, to.port, to.address);
    },
    sendRtcp(data, to) {
      if (open) rtcp.send(data, to.port, to.address);
    },
    close() {
      if (!open) return;
      open = false;
      rtp.close();
      rtcp.close();
      pool.give(port);
    },
  };
}

function bind(
  address: string,
  port: number,
  receive: (data: Buffer, from: Address) => void,
): Promise<Socket | undefined> {
  const socket = createSocket({
    type: "udp4",
    // Key frames come in bursts.
    recvBufferSize: 1 << 19,
    // Addresses are numbers already: dgram's own look-up costs a tick and an allocation a packet.
    lookup: (host, _options, callback) => callback(null, host, 4),
  });
  return new Promise((resolve) => {
    socket.once("error", () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ port, address, exclusive: true }, () => {
      socket.removeAllListeners("error");
      // E.g. an unreachable network: media is lost, as media may be; the call's signalling notices.
      socket.on("error", () => {});
      socket.on("message", receive);
      resolve(socket);
    });
  });
}
