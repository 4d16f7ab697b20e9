/**
 * The broker's way to the edge: what happens to devices goes up by HTTP, that of many at once, and what is said to them comes down one
 * WebSocket, which reconnects by itself with back-off (core/messages/broker-link.ts).
 */
import type { Logger } from "pino";
import WebSocket from "ws";
import {
  type DeviceEvent,
  type EventOutcome,
  eventOutcomes,
  largestEvents,
  mostEvents,
  type ToBroker,
  toBroker,
} from "#core/messages/broker-link.ts";
import type { DeviceId } from "#core/messages/values.ts";
import { inBatches } from "../edge/batches.ts";
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
  /**
   * Resolves once it is stored, with what to tell the device. Rejects where it could not be: nobody's device, or the edge is away.
   * What happened to one device is stored in its order, also where it came back meanwhile over another connection.
   */
  tell(device: DeviceId, event: DeviceEvent["event"]): Promise<Pick<Stored, "desired">>;
  close(): void;
}

type Stored = Extract<EventOutcome, { outcome: "stored" }>;

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

  const tell = inBatches<DeviceEvent, EventOutcome>({
    most: mostEvents,
    // Names, quotes and the node's name come to it.
    largest: largestEvents / 2,
    sizeOf: (one) => Buffer.byteLength(JSON.stringify(one)),
    keyOf: ({ deviceId }) => deviceId,
    async send(events) {
      const response = await ask("POST", "/media-node/devices/events", { node, events });
      return eventOutcomes.parse(await response.json()).outcomes;
    },
  });

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
    async tell(deviceId, event) {
      const told = await tell({ deviceId, event });
      if (told.outcome !== "stored") throw new Error(`not stored: ${told.outcome}`);
      return told;
    },
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
