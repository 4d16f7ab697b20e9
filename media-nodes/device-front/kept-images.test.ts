/** The front's copies of images, before a plain server in place of the edge. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../tests/support/folder.ts";
import { keepImages } from "./kept-images.ts";

const size = 1_000_000;
/** By address: what the edge has. */
const published = new Map<string, Buffer>();
const edge = http.createServer((request, response) => {
  const image = published.get(request.url ?? "");
  if (image) response.setHeader("content-length", image.length).end(image);
  else response.writeHead(404).end();
});
const servers: http.Server[] = [edge];
let folder: string;
/** Resolves with the next thing that becomes of a copy. */
let next: PromiseWithResolvers<string>;

const portOf = (server: http.Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  edge.listen(0, "127.0.0.1");
  await once(edge, "listening");
});
afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});
beforeEach(() => {
  folder = temporaryFolder("images");
  next = Promise.withResolvers();
});

/** @param as what it really holds */
function publish(as?: Buffer): { path: string; image: Buffer } {
  const image = randomBytes(size);
  const path = `/firmware/images/${createHash("sha256").update(image).digest("hex")}`;
  published.set(path, as ?? image);
  return { path, image };
}

/** A front that says `edge` where there is no copy. */
async function start(most?: number): Promise<(path: string, headers?: Record<string, string>) => Promise<Response>> {
  const write = (line: string) => {
    next.resolve(JSON.parse(line).event);
    next = Promise.withResolvers();
  };
  const log = pino({}, { write });
  const images = keepImages({ folder, edgePort: portOf(edge), log, ...(most ? { most } : {}) });
  const server = http.createServer(async (request, response) => {
    if (!(await images.answer(request.url ?? "", request, response))) response.end("edge");
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (path, headers = {}) => fetch(`http://127.0.0.1:${portOf(server)}${path}`, { headers });
}

test("the first request is the edge's, and those after it get the copy's octets", async () => {
  const { path, image } = publish();
  const ask = await start();
  const copy = next.promise;
  expect(await (await ask(path)).text()).toBe("edge");
  expect(await copy).toBe("image-kept");
  const whole = await ask(path);
  expect([whole.status, whole.headers.get("etag")]).toEqual([200, `"${path.slice(-64)}"`]);
  expect(Buffer.from(await whole.arrayBuffer()).equals(image)).toBe(true);
  const part = await ask(path, { range: "bytes=300000-699999" });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 300000-699999/${size}`]);
  expect(Buffer.from(await part.arrayBuffer()).equals(image.subarray(300_000, 700_000))).toBe(true);
  const other = await ask(path, { range: "bytes=5-9", "if-range": '"of before"' });
  expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, size]);
});

test.each([
  ["a range past the end", { range: `bytes=${size}-` }],
  ["a condition on other contents", { "if-match": '"of before"' }],
  ["who has it already", { "if-none-match": "*" }],
])("%s is answered by the edge", async (_what, headers) => {
  const { path } = publish();
  const ask = await start();
  const copy = next.promise;
  await ask(path);
  await copy;
  expect(await (await ask(path, headers)).text()).toBe("edge");
});

test("what is not the image that its name says is not kept", async () => {
  const { path } = publish(randomBytes(size));
  const ask = await start();
  const copy = next.promise;
  await ask(path);
  expect(await copy).toBe("image-not-kept");
  expect(await (await ask(path)).text()).toBe("edge");
  expect(readdirSync(folder)).toEqual([]);
});

test("copies take no more room than they may: who was asked for the longest time ago goes", async () => {
  const ask = await start(2 * size);
  const images = [publish(), publish(), publish()];
  const [first, second, third] = images;
  if (!first || !second || !third) throw new Error("three images");
  for (const { path } of [first, second]) {
    const copy = next.promise;
    await ask(path);
    await copy;
  }
  await (await ask(first.path)).arrayBuffer();
  const copy = next.promise;
  await ask(third.path);
  await copy;
  const hashes = [first, third].map(({ path }) => path.slice(-64));
  expect(readdirSync(folder).sort()).toEqual(hashes.sort());
});
