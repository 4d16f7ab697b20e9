/** Asking a part whether it is well. */
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { checkServerIdentity } from "node:tls";
import { questionWith } from "#core/messages/ntp.ts";

export type Probe =
  | {
      kind: "http";
      url: string;
      /** Statuses of 300 and more that count as well: a part may say that another one is missing. */
      alsoWell?: number[];
      /** The address to connect to where it is not what the URL's host resolves to. */
      connectTo?: string;
      /** PEM file of the authority to trust. */
      authority?: string;
    }
  /** A question for the time. */
  | { kind: "ntp"; host: string; port: number }
  /** A query through Postgres' HTTP door, as the application's role. */
  | { kind: "query"; url: string; database: string };

/** Whose certificate is expected. An address is no name to ask a server for (RFC 6066 §3). */
const named = (host: string): https.RequestOptions => ({
  servername: isIP(host) ? "" : host,
  checkServerIdentity: (_connectedTo, certificate) => checkServerIdentity(host, certificate),
});

function ask(url: string, options: https.RequestOptions, body?: string): Promise<number> {
  const { request } = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, timeout: 3_000, ...options }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? 0));
      answer.once("error", reject);
    });
    asked.once("timeout", () => asked.destroy(new Error("no answer within 3 s")));
    asked.once("error", reject);
    asked.end(body);
  });
}

/** Resolves where any answer comes to an SNTP request (RFC 5905 §14). */
function askTime(host: string, port: number): Promise<void> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  return new Promise<void>((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error("no answer within 1 s")), 1_000);
    socket.once("error", reject);
    socket.once("message", () => resolve());
    socket.once("close", () => clearTimeout(patience));
    socket.send(questionWith(randomBytes(8)), port, host);
  }).finally(() => socket.close());
}

/** Resolves to undefined where the part is well, or else to what is wrong, in a few words. Never rejects. */
export async function ailment(probe: Probe): Promise<string | undefined> {
  try {
    if (probe.kind === "query") {
      const headers = { "content-type": "application/json", "neon-connection-string": probe.database };
      const status = await ask(
        probe.url,
        { method: "POST", headers },
        JSON.stringify({ query: "select 1", params: [] }),
      );
      return status === 200 ? undefined : `answers ${status}`;
    }
    if (probe.kind === "ntp") {
      await askTime(probe.host, probe.port);
      return undefined;
    }
    const { hostname, host } = new URL(probe.url);
    const status = await ask(probe.url, {
      headers: { host },
      ...(probe.connectTo ? { host: probe.connectTo, ...named(hostname) } : {}),
      ...(probe.authority && probe.url.startsWith("https:") ? { ca: readFileSync(probe.authority) } : {}),
    });
    return status < 300 || probe.alsoWell?.includes(status) ? undefined : `answers ${status}`;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

/** Resolves when the part is well; rejects when `until` aborts, with what was wrong last. */
export async function waitUntilWell(probe: Probe, until: AbortSignal): Promise<void> {
  let wrong: string | undefined;
  while (!until.aborted) {
    wrong = await ailment(probe);
    if (wrong === undefined) return;
    await wait(75, undefined, { signal: until }).catch(() => undefined);
  }
  throw new Error(wrong ?? "not asked");
}
