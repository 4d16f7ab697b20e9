/** The lists' own door, with a plain server in place of the edge. */
import { once } from "node:events";
import http from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { makeListFront } from "./lists.ts";

const seen: http.IncomingMessage[] = [];
const edge = http.createServer((request, response) => {
  seen.push(request);
  response.end("a list");
});
let front: http.Server;

const portOf = (server: http.Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  await once(edge.listen(0, "127.0.0.1"), "listening");
  front = makeListFront({ url: "http://door.example/crl", edgePort: portOf(edge) });
  await once(front.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => {
  for (const server of [front, edge]) {
    server.close();
    server.closeAllConnections();
  }
});
beforeEach(() => {
  seen.length = 0;
});

async function ask(path: string, options: http.RequestOptions = {}) {
  const request = http.request({ host: "127.0.0.1", port: portOf(front), path, agent: false, ...options }).end();
  const [response] = await once(request, "response");
  let text = "";
  for await (const part of response.setEncoding("utf8")) text += part;
  return { status: response.statusCode, text };
}

test("a list is had over plain HTTP, and nothing that the client said goes on", async () => {
  const headers = {
    cookie: "symphony.session_token=1",
    authorization: "Bearer 1",
    "mf-cf-blob": "{}",
    host: "x.example",
  };
  expect(await ask("/crl/00000000000000aa-0.crl", { headers })).toEqual({ status: 200, text: "a list" });
  expect(seen.map(({ url }) => url)).toEqual(["/crl/00000000000000aa-0.crl"]);
  expect(seen[0]?.headers).not.toHaveProperty("cookie");
  expect(seen[0]?.headers).not.toHaveProperty("authorization");
  expect(seen[0]?.headers).not.toHaveProperty("mf-cf-blob");
  expect(seen[0]?.headers["mf-original-url"]).toBe("http://door.example/crl/00000000000000aa-0.crl");
});

test.each(["/", "/api/me", "/crl/", "/crl/../api/me", "/crl/a.crl/../../api/me", "/crl/a.crl?x=1", "//crl/a.crl"])(
  "%s is not had here",
  async (path) => {
    expect((await ask(path)).status).toBe(404);
    expect(seen).toEqual([]);
  },
);

test("a list can't be changed", async () => {
  expect((await ask("/crl/00000000000000aa-0.crl", { method: "POST" })).status).toBe(405);
  expect(seen).toEqual([]);
});

test("one address holds no more connections than it may, so that others get their lists", async () => {
  const own = makeListFront({ url: "http://door.example/crl", edgePort: portOf(edge), perAddress: 1 });
  await once(own.listen(0, "127.0.0.1"), "listening");
  const from = (localAddress: string) =>
    http.get({ host: "127.0.0.1", port: portOf(own), path: "/crl/root.crl", localAddress, agent: false });
  const holds = connect({ host: "127.0.0.1", port: portOf(own), localAddress: "127.0.0.1" });
  await once(own, "connection");
  await expect(once(from("127.0.0.1"), "response")).rejects.toThrow();
  const [response] = await once(from("127.0.0.2"), "response");
  expect(response.resume().statusCode).toBe(200);
  holds.destroy();
  own.close();
  own.closeAllConnections();
});
