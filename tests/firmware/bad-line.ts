/** A proxy that ends TLS, as some buildings have, on a bad line: it cuts every connection after so many octets, and spoils packets. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { join } from "node:path";
import { packetSize } from "#core/firmware/manifest.ts";
import { temporaryFolder } from "../support/folder.ts";
import { publisher } from "./cloud.ts";

export interface BadLine {
  origin: string;
  /** PEM: whom a client has to trust. */
  ca: string;
  /** Octets of image bodies that went to clients. */
  readonly octets: number;
  readonly cuts: number;
  readonly spoilt: number;
  close(): void;
}

function certificate() {
  const folder = temporaryFolder("line");
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const about = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "1"];
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key];
  execFileSync("openssl", [...made, "-out", cert, ...about], { stdio: "ignore" });
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

/** @param cutAfter octets of bodies on one connection; @param spoil one of so many packets has a bit turned over */
export async function openBadLine(port: number, { cutAfter = 5_000_000, spoil = 100 } = {}): Promise<BadLine> {
  const { cert, key } = certificate();
  const agent = new http.Agent({ keepAlive: true });
  const carried = new WeakMap<Socket, number>();
  const chosen = Math.floor(Math.random() * 50);
  let [octets, cuts, spoilt, begun] = [0, 0, 0, 0];

  const isSpoilt = (request: http.IncomingMessage): boolean => {
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 1);
    return start % packetSize === 0 && begun++ % spoil === chosen;
  };

  const server = https.createServer({ cert, key }, (request, response) => {
    const { socket } = request;
    const counts = request.url?.startsWith("/firmware/images/") ?? false;
    let toSpoil = counts && isSpoilt(request);
    // It stands before the edge in the place of the device front, which says there who may learn of releases.
    const { host: _, ...kept } = request.headers;
    const headers = { ...kept, ...publisher };
    const behind = http.request({ agent, host: "127.0.0.1", port, path: request.url, method: request.method, headers });
    behind.once("error", () => socket.destroy());
    response.once("close", () => behind.destroy());
    behind.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("data", (chunk: Buffer) => {
        const before = carried.get(socket) ?? 0;
        const part = chunk.subarray(0, cutAfter - before);
        carried.set(socket, before + part.length);
        if (counts) octets += part.length;
        if (toSpoil && part.length > 0) {
          const at = Math.floor(Math.random() * part.length);
          part[at] = (part[at] ?? 0) ^ 1;
          toSpoil = false;
          spoilt += 1;
        }
        if (!response.write(part)) answer.pause();
        if (before + part.length < cutAfter) return;
        cuts += 1;
        answer.destroy();
        socket.destroySoon();
      });
      response.on("drain", () => answer.resume());
      answer.once("end", () => response.end());
      answer.once("error", () => socket.destroy());
    });
    behind.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    origin: `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    ca: cert,
    get octets() {
      return octets;
    },
    get cuts() {
      return cuts;
    },
    get spoilt() {
      return spoilt;
    },
    close() {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}
