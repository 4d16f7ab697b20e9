import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { edgeRequests } from "./requests.ts";

/** Connections that were ever made: each request under way has its own. */
let connections = 0;
const edge = http.createServer((request, response) => {
  if (request.url === "/refused") response.writeHead(404).end("no");
  // Answered a little later than asked, so that what may come at once is there at once.
  else setImmediate(() => response.end(request.headers.authorization));
});
edge.on("connection", () => connections++);

beforeAll(async () => {
  edge.listen(0, "127.0.0.1");
  await once(edge, "listening");
});
afterAll(() => {
  edge.close();
  edge.closeAllConnections();
});
const ask = () => edgeRequests(`http://127.0.0.1:${(edge.address() as AddressInfo).port}`, "the node's");

test("however many ask at the same moment, the edge holds few connections, and everyone is answered", async () => {
  const asking = ask();
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, async () => (await asking("POST", "/", { some: "thing" })).text()),
  );
  expect(new Set(answers)).toEqual(new Set(["Bearer the node's"]));
  // 16, and those whose answer is still being read.
  expect(connections).toBeLessThanOrEqual(32);
});

test("who is refused gives the turn on", async () => {
  const asking = ask();
  const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => asking("GET", "/refused")));
  expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
  expect((await asking("GET", "/")).status).toBe(200);
});
