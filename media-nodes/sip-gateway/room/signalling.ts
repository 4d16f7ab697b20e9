/** LiveKit's signalling socket: protobuf messages over a WebSocket, with pings that notice a dead one. */
import { SignalRequest, SignalResponse } from "@livekit/protocol";
import WebSocket from "ws";

export type SignalMessage = NonNullable<SignalResponse["message"]>;
type Request = SignalRequest["message"];

export type Signalling = {
  send(message: Request): void;
  /** Begins to ping, as the server asked at join. Seconds. */
  keepAlive(interval: number, timeout: number): void;
  close(): void;
};

export type SignallingEvents = {
  onMessage(message: SignalMessage): void;
  /** Once, also when the socket never opened; not after `close`. `status`: what LiveKit refused to open it with. */
  onClose(reason: string, status?: number): void;
};

/** The protocol version we speak: named subscription permissions, fast publishing, leave actions. */
const protocol = 16;
/** Largest message taken: an offer for a room of 34 is far smaller. Bytes. */
const maxPayload = 1 << 20;

/**
 * Opens the socket. The token goes into a header: URLs end up in access logs.
 * @param resume the participant's sid, to take up a session whose socket was lost
 */
export function openSignalling(
  options: { url: string; token: string; timeout: number; resume?: string },
  events: SignallingEvents,
): Signalling {
  const query = new URLSearchParams({ protocol: String(protocol), sdk: "js", version: "2.19.0", auto_subscribe: "0" });
  if (options.resume) {
    query.set("reconnect", "1");
    query.set("sid", options.resume);
  }
  const socket = new WebSocket(`${options.url.replace(/\/$/, "")}/rtc?${query}`, {
    headers: { Authorization: `Bearer ${options.token}` },
    handshakeTimeout: options.timeout,
    maxPayload,
  });
  let over = false;
  let ping: NodeJS.Timeout | undefined;
  let silence: NodeJS.Timeout | undefined;

  function end(reason: string, status?: number): void {
    if (over) return;
    over = true;
    clearInterval(ping);
    clearTimeout(silence);
    socket.terminate();
    events.onClose(reason, status);
  }
  socket.on("error", (error) => end(error.message));
  socket.on("unexpected-response", (_, { statusCode }) => end(`answered with ${statusCode}`, statusCode));
  socket.on("close", (code) => end(`closed with ${code}`));
  socket.on("message", (data) => {
    silence?.refresh();
    if (over || !Buffer.isBuffer(data)) return;
    let message: SignalMessage;
    try {
      message = SignalResponse.fromBinary(data).message;
    } catch {
      end("a message that is none");
      return;
    }
    events.onMessage(message);
  });
  return {
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(new SignalRequest({ message }).toBinary());
    },
    keepAlive(interval, timeout) {
      ping = setInterval(() => this.send({ case: "ping", value: BigInt(Date.now()) }), interval * 1000);
      silence = setTimeout(() => end("no sign of life"), (interval + timeout) * 1000);
    },
    close() {
      if (over) return;
      over = true;
      clearInterval(ping);
      clearTimeout(silence);
      socket.close();
    },
  };
}
