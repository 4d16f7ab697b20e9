/**
 * The WebSocket to the edge: parsed in, parsed out, and back by itself. One `hello` a connection; pings say that this
 * browser is alive and tell how far away the edge is.
 */
import { clientPing, clientSilence } from "#core/call/limits.ts";
import { clientProtocol, type FromClient, type ToClient, toClient } from "#core/messages/client.ts";
import type { ClientId } from "#core/messages/values.ts";
import type { Beat } from "./heartbeat.ts";

export interface LiveSocket {
  /** False when there is no open connection: the message is not sent and not kept. */
  send(message: FromClient): boolean;
  close(): void;
}

export interface SocketOptions {
  url: string;
  clientId: ClientId;
  available(): boolean;
  onMessage(message: ToClient): void;
  onConnection(connection: "online" | "offline" | "signed-out"): void;
  onLatency(milliseconds: number): void;
  /** Whether a ring or a call depends on the connection. */
  urgent(): boolean;
  /** Calls back every so many milliseconds, also in a hidden tab. */
  beat: Beat;
}

const firstWait = 300;
const longestWait = 8_000;
/** Where a call depends on it: an edge that is back gives each of its clients `clientGrace` to be back, too. */
const longestUrgentWait = 1_000;

/** @returns milliseconds before the attempt after `failures` in a row: doubling, between half and the whole of it by chance */
export function backOff(failures: number, chance: number, urgent = false): number {
  const whole = Math.min(urgent ? longestUrgentWait : longestWait, firstWait * 2 ** failures);
  return whole / 2 + (whole / 2) * chance;
}

export function openSocket(options: SocketOptions): LiveSocket {
  let socket: WebSocket | undefined;
  let failures = 0;
  let closed = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let pingedAt = 0;
  let heardAt = 0;

  const write = (message: FromClient): boolean => {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(message));
    return true;
  };

  const lost = (from: WebSocket) => {
    if (from !== socket || closed) return;
    socket = undefined;
    options.onConnection("offline");
    retry = setTimeout(connect, backOff(failures++, Math.random(), options.urgent()));
  };

  function connect() {
    clearTimeout(retry);
    const opened = new WebSocket(options.url);
    socket = opened;
    opened.onopen = () => {
      heardAt = performance.now();
      write({
        type: "hello",
        protocol: clientProtocol,
        clientId: options.clientId,
        available: options.available(),
      });
    };
    opened.onmessage = (event) => {
      heardAt = performance.now();
      const message = parseMessage(event.data);
      if (!message) return;
      if (message.type === "welcome") {
        failures = 0;
        options.onConnection("online");
        ping();
      }
      if (message.type === "pong" && pingedAt > 0) {
        options.onLatency(Math.round(performance.now() - pingedAt));
        pingedAt = 0;
      }
      options.onMessage(message);
      if (message.type === "error" && message.code === "signed-out") {
        closed = true;
        options.onConnection("signed-out");
        opened.close(1000);
      }
    };
    opened.onclose = () => lost(opened);
  }

  function ping() {
    if (write({ type: "ping" })) pingedAt = performance.now();
  }

  const stopBeat = options.beat(clientPing, () => {
    const current = socket;
    if (current?.readyState === WebSocket.OPEN && performance.now() - heardAt > clientSilence) {
      // A connection that says nothing is gone, though the browser may not know for minutes.
      current.close(4000, "silent");
      lost(current);
      return;
    }
    ping();
  });
  const wake = () => {
    if (!closed && !socket) {
      failures = 0;
      connect();
    }
  };
  const sleep = () => {
    const current = socket;
    if (!current) return;
    current.close();
    lost(current);
  };
  window.addEventListener("online", wake);
  window.addEventListener("offline", sleep);
  connect();

  return {
    send: write,
    close() {
      closed = true;
      clearTimeout(retry);
      stopBeat();
      window.removeEventListener("online", wake);
      window.removeEventListener("offline", sleep);
      socket?.close(1000);
    },
  };
}

/** @returns undefined for anything that is not a message of this version: it is dropped, and the console says so once each */
export function parseMessage(data: unknown): ToClient | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const parsed = toClient.safeParse(JSON.parse(data));
    if (parsed.success) return parsed.data;
    console.warn("Dropped a message of the edge that this version does not know", parsed.error.issues);
  } catch {
    console.warn("Dropped a frame of the edge that is not JSON");
  }
  return undefined;
}
