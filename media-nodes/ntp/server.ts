/** Answers devices that ask for the time, over UDP. Each address gets so many answers a second and no more. */
import { createSocket, type Socket } from "node:dgram";
import { performance } from "node:perf_hooks";
import { answerTo, type ServerClock } from "#core/messages/ntp.ts";

export interface NtpOptions {
  host: string;
  port: number;
  clock: ServerClock;
  /** Answers a second to one address. A building's devices may share one. */
  perSecond?: number;
  /** Milliseconds since 1970, with fractions. @default the system's */
  now?: () => number;
}

export interface NtpServer {
  readonly port: number;
  close(): void;
}

/** Milliseconds since 1970, finer than a millisecond, following the system clock where that is corrected. */
const systemTime = (): number => {
  const coarse = Date.now();
  const fine = performance.timeOrigin + performance.now();
  return Math.abs(fine - coarse) < 2 ? fine : coarse;
};

/** Listens. Resolves once the port is bound; rejects where it is taken. */
export function startNtp({ host, port, clock, perSecond = 200, now = systemTime }: NtpOptions): Promise<NtpServer> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const answered = new Map<string, number>();
  const forget = setInterval(() => answered.clear(), 1000).unref();

  socket.on("message", (request, { address, port }) => {
    const received = now();
    const count = (answered.get(address) ?? 0) + 1;
    if (count > perSecond) return;
    const answer = answerTo(request, clock, received, now);
    if (!answer) return;
    answered.set(address, count);
    socket.send(answer, port, address);
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, host, () => {
      socket.off("error", reject);
      // A packet that could not be sent is lost, as any may be: the device asks again.
      socket.on("error", () => {});
      resolve({ port: socket.address().port, close: () => end(socket, forget) });
    });
  });
}

function end(socket: Socket, forget: NodeJS.Timeout): void {
  clearInterval(forget);
  socket.close();
}
