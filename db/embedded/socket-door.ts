/**
 * Postgres's protocol over a WebSocket, as the Pool of Neon's driver speaks it: for transactions that read before they write.
 * The door lets the application's role through and nobody else; its password Postgres itself asks for and checks.
 */
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Credentials } from "./credentials.ts";
import { errorResponse, readFirstMessage } from "./startup-packet.ts";

const largestMessage = 8 * 1024 * 1024;
const mostConnections = 30;
const startupPatience = 5_000;
/** Sent and not yet taken: then the other side waits. */
const backlog = 1024 * 1024;

export interface SocketDoor {
  /** For the server's `upgrade` event. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

export function makeSocketDoor(expected: Credentials, address: { host: string; port: number }): SocketDoor {
  const server = new WebSocketServer({ noServer: true, maxPayload: largestMessage, perMessageDeflate: false });
  return {
    upgrade(request, socket, head) {
      socket.on("error", () => socket.destroy());
      if (request.headers.origin !== undefined) refuse(socket, "403 Forbidden");
      else if (request.url?.split("?")[0] !== "/ws") refuse(socket, "404 Not Found");
      else if (server.clients.size >= mostConnections) refuse(socket, "503 Service Unavailable");
      else server.handleUpgrade(request, socket, head, (client) => welcome(client, expected, address));
    },
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

/** Waits for the first message; lets it through if it names the application's role and its database. */
function welcome(client: WebSocket, expected: Credentials, address: { host: string; port: number }): void {
  let octets = Buffer.alloc(0);
  const impatient = setTimeout(() => client.terminate(), startupPatience);
  client.once("close", () => clearTimeout(impatient));
  client.on("error", () => client.terminate());
  client.on("message", listen);

  function listen(data: Buffer): void {
    octets = Buffer.concat([octets, data]);
    for (;;) {
      const first = readFirstMessage(octets);
      if (first.kind === "incomplete") return;
      if (first.kind === "encryption") {
        octets = octets.subarray(first.length);
        client.send(Buffer.from("N"));
        continue;
      }
      clearTimeout(impatient);
      client.off("message", listen);
      const known = first.kind === "startup" && first.user === expected.user && first.database === expected.database;
      if (known) {
        passThrough(client, octets, address);
        return;
      }
      client.send(errorResponse("28000", first.kind === "refused" ? first.why : "not for this role or database"));
      client.close();
      return;
    }
  }
}

function passThrough(client: WebSocket, first: Buffer, address: { host: string; port: number }): void {
  const postgres = connect(address).setNoDelay(true);
  postgres.write(first);
  client.on("message", (data: Buffer) => {
    if (!postgres.write(data)) client.pause();
  });
  postgres.on("drain", () => client.resume());
  postgres.on("data", (data) => {
    client.send(data, () => {
      if (client.bufferedAmount < backlog) postgres.resume();
    });
    if (client.bufferedAmount >= backlog) postgres.pause();
  });
  client.once("close", () => postgres.destroy());
  postgres.once("close", () => client.close());
  postgres.on("error", () => client.close(1011));
}
