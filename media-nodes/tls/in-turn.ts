/**
 * Takes connections for a TLS server and lets a few begin their handshake in each turn of the event loop, so that those under way end
 * before others begin. A fleet that comes back all at once would otherwise have every handshake begun and none ended in time. Who says
 * nothing holds up nobody.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Server as TlsServer } from "node:tls";

/** Each begins with a signature of ours, which takes about a millisecond with all around it. */
const aTurn = 4;
/** Milliseconds. A device that has waited for longer has given up, and comes again. */
const patience = 25_000;

/** @returns what is to listen in the TLS server's place */
export function handshakesInTurn(server: TlsServer): Server {
  let waiting: { socket: Socket; since: number }[] = [];

  function turn(): void {
    let begun = 0;
    let seen = 0;
    const oldest = performance.now() - patience;
    for (const { socket, since } of waiting) {
      if (begun === aTurn) break;
      seen++;
      if (since < oldest) socket.destroy();
      else if (!socket.destroyed) {
        begun++;
        server.emit("connection", socket);
      }
    }
    waiting = waiting.slice(seen);
    if (waiting.length > 0) setImmediate(turn);
  }

  const door = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    // Whoever is gone before the handshake is no news; after it, the TLS socket says so.
    socket.on("error", () => {});
    waiting.push({ socket, since: performance.now() });
    if (waiting.length === 1) setImmediate(turn);
  });
  door.on("close", () => {
    for (const { socket } of waiting) socket.destroy();
    waiting = [];
  });
  return door;
}
