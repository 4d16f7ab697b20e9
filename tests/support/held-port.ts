/** A port that is held so that the part whose it is can't start: the part stays down for as long as a test wants. */
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

export interface HeldPort {
  /** When somebody tried to connect there with a WebSocket, in this process's milliseconds. */
  readonly attempts: readonly number[];
  /** Resolves once so many have tried. */
  tried(times: number): Promise<void>;
  /** More than once is once. */
  release(): Promise<void>;
}

/** Takes the loopback port as soon as it is free; every request and WebSocket at `path` there is refused. */
export async function holdPort(port: number, path: string): Promise<HeldPort> {
  const attempts: number[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((_request, response) => response.writeHead(503).end());
  server.on("upgrade", (request, socket) => {
    socket.destroy();
    if (!request.url?.startsWith(path)) return;
    attempts.push(performance.now());
    for (const look of waiting) look();
  });
  for (;;) {
    server.listen(port, "127.0.0.1");
    const taken = await Promise.race([once(server, "listening"), once(server, "error")]).then(
      () => server.listening,
      () => false,
    );
    if (taken) break;
    await wait(5); // a port says to nobody that it is free
  }
  return {
    attempts,
    tried: (times) =>
      new Promise((resolve) => {
        const look = () => {
          if (attempts.length < times) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async release() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
