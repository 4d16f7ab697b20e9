/** The devices' front between real TLS clients and a plain server in place of the edge. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { connect } from "node:tls";
import { promisify } from "node:util";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { connectionsPerCertificate, streams } from "#core/device/connections.ts";
import {
  type Certified,
  issueDeviceCertificate,
  issueFactoryCertificate,
  issueServerCertificate,
  makeAuthority,
} from "../pki/issue.ts";
import { type DeviceFrontOptions, makeDeviceFront } from "./front.ts";

const device = "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0001";
const seen: http.IncomingHttpHeaders[] = [];
const edge = http.createServer((request, response) => {
  seen.push(request.headers);
  response.end("edge");
});
const ends = new Map<string, () => void>();
let good = true;
let front: https.Server;
let logs: https.Server;
let servers: Certified;
let operational: Certified;
let factory: Certified;
let others: Certified;

let options: Omit<DeviceFrontOptions, "carries">;

const portOf = (server: http.Server | https.Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  const [devices, maker] = await Promise.all([makeAuthority("devices"), makeAuthority("maker")]);
  servers = await makeAuthority("servers");
  const own = await issueServerCertificate(servers, ["localhost"]);
  operational = await issueDeviceCertificate(devices, device);
  others = await issueDeviceCertificate(devices, "0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c0002");
  factory = await issueFactoryCertificate(maker, { serial: "1", model: "WS 301V CM" });
  edge.listen(0, "127.0.0.1");
  await once(edge, "listening");
  options = {
    origin: "https://localhost",
    edgePort: portOf(edge),
    token: "the node's",
    ...own,
    deviceAuthority: devices.certificate,
    admission: {
      admit: async () => good,
      hold(serial: string, end: () => void) {
        ends.set(serial, end);
        return () => ends.delete(serial);
      },
    },
    images: { answer: async () => false },
    log: pino({ level: "silent" }),
  };
  front = makeDeviceFront({ ...options, carries: "everything" });
  logs = makeDeviceFront({ ...options, carries: "logs" });
  for (const server of [front, logs]) {
    server.listen(0, "localhost");
    await once(server, "listening");
  }
});
afterAll(() => {
  for (const server of [front, logs, edge]) {
    server.close();
    server.closeAllConnections();
  }
});
beforeEach(() => {
  seen.length = 0;
  good = true;
});

interface Asking {
  as?: Certified;
  path?: string;
  headers?: http.OutgoingHttpHeaders;
  agent?: https.Agent;
  at?: https.Server;
}

async function ask({
  as,
  path = "/device/configuration",
  headers = {},
  agent,
  at = front,
}: Asking = {}): Promise<number> {
  const request = https.get({
    host: "localhost",
    servername: "localhost",
    port: portOf(at),
    ca: servers.certificate,
    path,
    agent: agent ?? false,
    headers: { host: "localhost", ...headers },
    ...(as ? { cert: as.certificate, key: as.key } : {}),
  });
  const [response] = await once(request, "response");
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

/** PEM without its frame: what stands between the colons of RFC 9440. */
const encoded = ({ certificate }: Certified) => `:${certificate.replaceAll(/-----.*-----|\s/g, "")}:`;

test("who shows a certificate is handed on with it, under the media node's token", async () => {
  for (const one of [operational, factory]) expect(await ask({ as: one })).toBe(200);
  expect(seen.map((headers) => headers["client-cert"])).toEqual([encoded(operational), encoded(factory)]);
  expect(seen.map(({ authorization }) => authorization)).toEqual(["Bearer the node's", "Bearer the node's"]);
});

test("who shows none has none, whatever the headers say", async () => {
  const forged = {
    "client-cert": encoded(operational),
    "client-cert-chain": encoded(operational),
    "mf-cf-blob": '{"tlsClientAuth":{"certVerified":"SUCCESS"}}',
    authorization: "Bearer mine",
  };
  expect(await ask({ headers: forged })).toBe(200);
  expect(seen[0]).not.toHaveProperty("client-cert");
  expect(seen[0]).not.toHaveProperty("client-cert-chain");
  expect(seen[0]).not.toHaveProperty("mf-cf-blob");
  expect(seen[0]?.authorization).toBe("Bearer the node's");
});

test.each([
  "/api/me",
  "/media-node/revocations?since=0",
  "/device/../media-node/revocations?since=0",
  "/device/%2e%2E/media-node/link",
  "/device..media-node/link",
  "//device/media-node/link",
  "/",
])("%s is not to be had here", async (path) => {
  expect(await ask({ as: operational, path })).toBe(404);
  expect(seen).toEqual([]);
});

test("where logs go, nothing else is to be had", async () => {
  expect(await ask({ as: operational, path: "/device/log", at: logs })).toBe(200);
  expect(seen.map((headers) => headers["client-cert"])).toEqual([encoded(operational)]);
  for (const path of ["/device/configuration", "/device/logs/x", "/device/log/../configuration", "/firmware/images/x"])
    expect(await ask({ as: operational, path, at: logs }), path).toBe(404);
  expect(seen).toHaveLength(1);
});

test("where logs go, no handshake succeeds without a certificate of ours", async () => {
  for (const as of [undefined, factory])
    await expect(ask({ ...(as && { as }), path: "/device/log", at: logs })).rejects.toThrow();
  expect(seen).toEqual([]);
});

test.each([
  ["everything", () => front, "/device/configuration", connectionsPerCertificate],
  ["logs", () => logs, "/device/log", streams.perCertificate],
] as const)(
  "of %s one certificate holds so many connections, and is told where it wants more",
  async (_carries, at, path, most) => {
    const asking = { as: operational, path, at: at() };
    const agents = Array.from({ length: most }, () => new https.Agent({ keepAlive: true }));
    for (const agent of agents) expect(await ask({ ...asking, agent })).toBe(200);
    expect(await ask(asking)).toBe(503);
    expect(await ask({ ...asking, as: others })).toBe(200);
    agents[0]?.destroy();
    await vi.waitFor(async () => expect(await ask(asking)).toBe(200));
    for (const agent of agents) agent.destroy();
  },
);

test("a connection that says nothing any more ends, also within a request", async () => {
  const server = makeDeviceFront({ ...options, carries: "logs", silence: 100 }).listen(0, "localhost");
  await once(server, "listening");
  const socket = connect({
    ...{ host: "localhost", port: portOf(server), ca: servers.certificate },
    ...{ cert: operational.certificate, key: operational.key },
  });
  socket.on("error", () => undefined).resume();
  socket.write("POST /device/log HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");
  await once(socket, "close");
  server.close();
});

test("no authority is named to clients, so that each shows what it has", async () => {
  const port = portOf(front);
  const { stdout } = await promisify(execFile)("sh", [
    "-c",
    `openssl s_client -connect localhost:${port} </dev/null || true`,
  ]);
  expect(stdout).toContain("No client certificate CA names sent");
});

test("another host's name is not answered for", async () => {
  expect(await ask({ headers: { host: "evil.example" } })).toBe(421);
});

test("a certificate that is not good gets nothing", async () => {
  good = false;
  await expect(ask({ as: operational })).rejects.toThrow();
  expect(seen).toEqual([]);
});

test("a connection ends when its certificate is revoked, also between two requests", async () => {
  const agent = new https.Agent({ keepAlive: true });
  expect(await ask({ as: operational, agent })).toBe(200);
  const [held] = Object.values(agent.freeSockets).flat();
  if (!held) throw new Error("the connection was not kept");
  for (const end of ends.values()) end();
  await once(held, "close");
});
