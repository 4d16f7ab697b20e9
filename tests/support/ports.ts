/** Free ports for the parts of a test, taken so that two test runs beside each other do not meet. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that the kernel hands out by itself, and outside those for sound and picture. */
const first = 1500;
const last = 9500;
/** Browsers, and `fetch`, connect to none of these (Fetch standard, "bad port"). */
const refused = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697,
]);

async function isFree(port: number): Promise<boolean> {
  if (refused.has(port)) return false;
  const server = createServer();
  const socket = createSocket("udp4");
  try {
    server.listen({ port, host: "127.0.0.1", exclusive: true });
    await once(server, "listening");
    socket.bind({ port, address: "127.0.0.1", exclusive: true });
    await once(socket, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
    try {
      socket.close();
    } catch {
      // it was never bound
    }
  }
}

/** So many ports in a row of a block drawn at random, free for TCP and UDP on loopback. */
export async function takePorts(count: number): Promise<number[]> {
  for (let tries = 0; tries < 100; tries++) {
    // Files that run beside each other, up to three, draw from thirds of their own.
    const third = Math.floor((last - first) / 3);
    const from =
      first + third * (Number(process.env.VITEST_POOL_ID ?? 0) % 3) + Math.floor(Math.random() * (third - count));
    const block = Array.from({ length: count }, (_, i) => from + i);
    if ((await Promise.all(block.map(isFree))).every(Boolean)) return block;
  }
  throw new Error(`no ${count} free ports in a row between ${first} and ${last}`);
}
