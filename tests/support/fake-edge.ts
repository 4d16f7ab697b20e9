/** An edge that does what a test says: the link for one media node, and the address snapshots are stored at. */
import { once } from "node:events";
import { createServer } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { shownCertificates } from "#core/messages/claiming.ts";
import { ackFrame, type FromGateway, frame, fromGateway, type ToGateway } from "#core/messages/media-node.ts";
import { acknowledge, newLink, number, receive, resume } from "#core/messages/numbered-link.ts";

type Said<T extends FromGateway["type"]> = Extract<FromGateway, { type: T }>;

export interface FakeEdge {
  url: string;
  /** Everything the gateway said, in order; the hellos too. */
  readonly said: readonly FromGateway[];
  /** The first message of this type, whether it came or comes; `fits` chooses among several. */
  told<T extends FromGateway["type"]>(type: T, fits?: (message: Said<T>) => boolean): Promise<Said<T>>;
  say(message: ToGateway): void;
  /** JPEGs that were stored, by path. */
  readonly snapshots: ReadonlyMap<string, Buffer>;
  snapshot(path: string): Promise<Buffer>;
  /** Breaks the link and takes no new one, until `back`. */
  away(): void;
  back(): void;
  stop(): Promise<void>;
}

const wire = z.union([z.object({ seq: z.number() }).loose().pipe(frame(fromGateway)), fromGateway, ackFrame]);

const anyDevice = "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0001";

/**
 * Listens on loopback, on `port`. A message the test waits for must come within 15 s. Every certificate is good to it;
 * `certify` gives virtual stations theirs, by a request (base64).
 */
export async function startFakeEdge(
  port: number,
  certify?: (device: string, request: string) => Promise<string>,
): Promise<FakeEdge> {
  const said: FromGateway[] = [];
  const snapshots = new Map<string, Buffer>();
  const waiting = new Set<() => void>();
  const sockets = new Set<WebSocket>();
  let link = newLink<ToGateway>();
  let current: WebSocket | undefined;
  let epoch: string | undefined;
  let isAway = false;

  const http = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { method, url = "" } = request;
    const virtual = /^\/media-node\/virtual-stations\/([^/]+)\/certificate$/.exec(url)?.[1];
    if (virtual) return void response.end(await certify?.(virtual, Buffer.concat(parts).toString()));
    if (method === "POST") {
      const { serials } = shownCertificates.parse(JSON.parse(Buffer.concat(parts).toString()));
      const statuses = serials.map(() => ({ status: "good", deviceId: anyDevice }));
      return void response.end(JSON.stringify({ statuses }));
    }
    if (method === "GET") return void response.end(JSON.stringify({ serials: [], next: 0 }));
    snapshots.set(request.url ?? "", Buffer.concat(parts));
    response.writeHead(204).end();
    for (const look of waiting) look();
  });
  const server = new WebSocketServer({ server: http, path: "/media-node/link" });
  server.on("connection", (socket) => {
    if (isAway) return socket.terminate();
    sockets.add(socket);
    socket.on("message", (data) => {
      const message = wire.parse(JSON.parse(data.toString()));
      if ("type" in message && message.type === "hello") {
        if (message.epoch !== epoch) link = newLink();
        epoch = message.epoch;
        current = socket;
        said.push(message);
        socket.send(JSON.stringify({ type: "welcome", protocol: 1, received: link.received, endCalls: [] }));
        for (const again of resume(link, message.received).frames) socket.send(JSON.stringify(again));
      } else if ("ack" in message) link = acknowledge(link, message.ack);
      if ("seq" in message) {
        const got = receive(link, message);
        link = got.link;
        socket.send(JSON.stringify({ ack: link.received }));
        if (got.verdict === "new") said.push(message.body);
      }
      for (const look of waiting) look();
    });
  });
  http.listen(port, "127.0.0.1");
  await once(http, "listening");

  function until<T>(what: string, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        clearTimeout(patience);
        resolve(found);
      };
      const patience = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`no ${what} within 15 s; came: ${said.map((message) => message.type).join(", ")}`));
      }, 15_000);
      waiting.add(look);
      look();
    });
  }

  return {
    url: `http://127.0.0.1:${port}`,
    said,
    snapshots,
    told<T extends FromGateway["type"]>(type: T, fits: (message: Said<T>) => boolean = () => true) {
      const isIt = (message: FromGateway): message is Said<T> => message.type === type;
      return until(type, () => said.filter(isIt).find(fits));
    },
    snapshot: (path) => until("snapshot", () => snapshots.get(path)),
    say(message) {
      const out = number(link, message);
      link = out.link;
      current?.send(JSON.stringify(out.frame));
    },
    away() {
      isAway = true;
      for (const socket of sockets) socket.terminate();
      sockets.clear();
    },
    back() {
      isAway = false;
    },
    async stop() {
      for (const socket of sockets) socket.terminate();
      server.close();
      http.close();
      http.closeAllConnections();
      await once(http, "close");
    },
  };
}
