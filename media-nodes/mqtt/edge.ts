/**
 * The broker's way to the edge: what devices say goes up by HTTP, a request each, and what is said to them comes down one
 * WebSocket, which reconnects by itself with back-off (core/messages/broker-link.ts).
 */
import type { Logger } from "pino";
import WebSocket from "ws";
import type { z } from "zod";
import { said, type ToBroker, toBroker } from "#core/messages/broker-link.ts";
import type { UpMessage } from "#core/messages/device.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { edgeRequests } from "../edge/requests.ts";
import { backOff } from "../sip-gateway/edge-link.ts";

export interface EdgeOptions {
  /** The edge's origin, http(s)://… */
  url: string;
  token: string;
  /** This media node's name. */
  node: string;
  log: Logger;
  /** Who is connected here now, for the hello. */
  connected(): DeviceId[];
  onMessage(message: ToBroker): void;
}

export interface Edge {
  readonly up: boolean;
  /** Resolves once it is stored, with what to tell the device. Rejects where it could not be. */
  say(device: DeviceId, message: UpMessage): Promise<z.output<typeof said>>;
  /** A device came or went. Rejects where the edge did not take it: nobody's device, or the edge is away. */
  presence(device: DeviceId, connected: boolean): Promise<void>;
  close(): void;
}

const handshakeTime = 5_000;
const pingEvery = 5_000;

/** Opens the link and holds it until `close`. */
export function openEdge(options: EdgeOptions): Edge {
  const { url, token, node, log } = options;
  const ask = edgeRequests(url, token);
  const authorization = `Bearer ${token}`;
  const address = new URL(`/media-node/devices?node=${encodeURIComponent(node)}`, url);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  let socket: WebSocket | undefined;
  let closed = false;
  let attempt = 0;
  let retry: NodeJS.Timeout | undefined;

  /** What each device said last, while it is on its way. */
  const turns = new Map<DeviceId, Promise<unknown>>();

  /** One after the other for each device, as it happened: also where it came back meanwhile over another connection. */
  function inTurn<T>(device: DeviceId, step: () => Promise<T>): Promise<T> {
    const before = turns.get(device) ?? Promise.resolve();
    const turn = before.then(step, step);
    turns.set(device, turn);
    const over = () => {
      if (turns.get(device) === turn) turns.delete(device);
    };
    turn.then(over, over);
    return turn;
  }

  function connect(): void {
    const own = new WebSocket(address, {
      headers: { authorization },
      handshakeTimeout: handshakeTime,
      maxPayload: 1 << 20,
    });
    socket = own;
    let heard = true;
    const pings = setInterval(() => {
      if (!heard) return own.terminate();
      heard = false;
      if (own.readyState === WebSocket.OPEN) own.ping();
    }, pingEvery);
    own.on("open", () => {
      attempt = 0;
      own.send(JSON.stringify({ type: "hello", devices: options.connected() }));
      log.info({ event: "edge-link-up" }, "edge link up");
    });
    own.on("pong", () => {
      heard = true;
    });
    own.on("message", (data) => {
      const message = read(data.toString());
      if (message) options.onMessage(message);
      else log.error({ event: "not-understood" }, "edge said what is not in the protocol");
    });
    own.on("error", (error) => log.debug({ reason: error.message }, "edge link error"));
    own.on("close", () => {
      clearInterval(pings);
      if (closed || socket !== own) return;
      if (attempt === 0) log.warn({ edge: address.origin }, "edge link lost, trying on");
      retry = setTimeout(connect, backOff(attempt++, Math.random));
    });
  }

  connect();
  return {
    get up() {
      return socket?.readyState === WebSocket.OPEN;
    },
    say: (device, message) =>
      inTurn(device, async () => {
        const response = await ask("POST", `/media-node/devices/${device}/messages`, message);
        return said.parse(await response.json());
      }),
    presence: (device, connected) =>
      inTurn(device, async () => {
        await ask("POST", `/media-node/devices/${device}/presence`, { node, connected });
      }),
    close() {
      closed = true;
      clearTimeout(retry);
      socket?.close(1001);
    },
  };
}

function read(text: string): ToBroker | undefined {
  try {
    return toBroker.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
