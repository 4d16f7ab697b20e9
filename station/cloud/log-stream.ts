/**
 * Sends lines of the log as they come. A request goes on while there is something to say, and ends when there is nothing for a
 * while; what no answer has confirmed is said again.
 */
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { type LogLine, logLinesType, writtenLines } from "#core/device/log.ts";
import type { CloudHttps } from "../identity/cloud-https.ts";
import type { Credentials } from "../identity/kept-identity.ts";

export interface LogStream {
  say(line: LogLine): void;
  /** What waits is not for who has the station next. */
  forget(): void;
  /** Resolves once what was said has left, or can't. */
  close(): Promise<void>;
}

/** Sends this body; resolves once the cloud has it, or does not want it. */
export type SendLines = (body: AsyncIterable<string>) => Promise<void>;

/** Lines that wait: the oldest make room. */
const most = 500;
/** Milliseconds. A request that has nothing to say ends, and a long one gives way to the next. */
const times = { idle: 5_000, longest: 60_000, firstPause: 1_000, longestPause: 60_000, closing: 1_000 };

/** @param idle milliseconds without a line after which a request ends */
export function newLogStream(send: SendLines, { idle = times.idle, firstPause = times.firstPause } = {}): LogStream {
  let waiting: LogLine[] = [];
  let closed = false;
  let running: Promise<void> | undefined;
  let wake: () => void = () => undefined;

  /** @returns whether there is something to do before this time is over */
  const news = (within: number) =>
    new Promise<boolean>((resolve) => {
      wake = () => resolve(true);
      setTimeout(resolve, within, false).unref();
    });

  /** @param said grows by what was handed on */
  async function* body(said: Set<LogLine>): AsyncGenerator<string> {
    for (const until = performance.now() + times.longest; performance.now() < until; ) {
      const fresh = waiting.filter((line) => !said.has(line));
      if (fresh.length > 0) {
        for (const line of fresh) said.add(line);
        yield writtenLines(fresh);
      } else if (closed || !(await news(idle))) return;
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; waiting.length > 0; ) {
      const said = new Set<LogLine>();
      try {
        await send(body(said));
        waiting = waiting.filter((line) => !said.has(line));
        failures = 0;
      } catch {
        if (closed) return;
        const pause = Math.min(times.longestPause, firstPause * 2 ** Math.min(failures++, 10));
        await new Promise((resolve) => setTimeout(resolve, pause / 2 + (pause / 2) * Math.random()).unref());
      }
    }
  }

  return {
    say(line) {
      if (closed) return;
      waiting.push(line);
      if (waiting.length > most) waiting.shift();
      wake();
      running ??= run().finally(() => {
        running = undefined;
      });
    },
    forget() {
      waiting = [];
    },
    async close() {
      closed = true;
      wake();
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, times.closing).unref())]);
    },
  };
}

/** Over the cloud's port for logs. @param credentials asked for each request: a certificate is renewed */
export const linesTo =
  ({ host, port }: CloudHttps, credentials: () => Credentials & { serverAuthority: string }): SendLines =>
  (body) =>
    new Promise((resolve, reject) => {
      const { certificate: cert, key, serverAuthority: ca } = credentials();
      const request = httpsRequest({
        ...{ host, port, cert, key, ca },
        method: "POST",
        path: "/device/log",
        agent: false,
        minVersion: "TLSv1.2",
        headers: { "content-type": logLinesType },
        signal: AbortSignal.timeout(2 * times.longest),
      });
      request.once("error", reject);
      request.once("response", (response) => {
        response.resume();
        // What the cloud does not want is not said again.
        if ((response.statusCode ?? 500) < 500) response.once("end", resolve).once("error", reject);
        else reject(new Error(`the cloud answered ${response.statusCode}`));
      });
      Readable.from(body).once("error", reject).pipe(request);
    });
