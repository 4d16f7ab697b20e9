/** The front between a real client and plain servers in place of the edge and LiveKit. */
import { once } from "node:events";
import http from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { makeFront } from "./front.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(server: http.Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

let port: number;
let seen: http.IncomingHttpHeaders[];
let edge: http.Server;
let sockets: WebSocketServer;

beforeEach(async () => {
  seen = [];
  edge = http.createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(200, { "x-part": "edge" });
    request.pipe(response);
  });
  sockets = new WebSocketServer({ server: edge });
  sockets.on("connection", (socket, request) => {
    seen.push(request.headers);
    socket.on("message", (data) => socket.send(`edge heard ${data}`));
  });
  const livekit = http.createServer((_request, response) => response.end("livekit"));
  const front = makeFront({
    origin: "http://door.example",
    edgePort: await listen(edge),
    livekitPort: await listen(livekit),
  });
  port = await listen(front as http.Server);
});

function ask(
  options: http.RequestOptions,
  body?: string,
): Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      port,
      host: "127.0.0.1",
      ...options,
      headers: { host: "door.example", ...options.headers },
    });
    request.on("error", reject);
    request.on("response", (answer) => {
      let text = "";
      answer.on("error", reject).on("data", (chunk) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    request.end(body);
  });
}

describe("a request", () => {
  test("goes to the edge with its body, and the edge learns who sent it", async () => {
    const { status, text } = await ask({ method: "POST", path: "/api/echo", headers: { "MF-CF-Blob": "{}" } }, "hello");
    expect([status, text]).toEqual([200, "hello"]);
    expect(seen[0]).toMatchObject({
      host: "door.example",
      "cf-connecting-ip": "127.0.0.1",
      "mf-original-url": "http://door.example/api/echo",
    });
    expect(seen[0]?.["mf-cf-blob"]).toBeUndefined();
  });

  test("for LiveKit's signalling goes to LiveKit", async () => {
    expect((await ask({ path: "/rtc/validate?x=1" })).text).toBe("livekit");
    expect((await ask({ path: "/twirp/livekit.RoomService/ListRooms" })).headers["x-part"]).toBe("edge");
  });

  test("is asked again where the edge closed the waiting connection just then", async () => {
    const used = new WeakSet<object>();
    edge.prependListener("request", ({ socket }: http.IncomingMessage) => {
      if (used.has(socket)) socket.destroy();
      used.add(socket);
    });
    expect((await ask({ path: "/one" })).status).toBe(200);
    expect((await ask({ path: "/two" })).status).toBe(200);
    expect(seen.length).toBe(3);
  });

  test("under another host name is refused", async () => {
    const { status, text } = await ask({ path: "/", headers: { host: "evil.example" } });
    expect(status).toBe(421);
    expect(JSON.parse(text)).toMatchObject({ code: "wrong-host" });
    expect(seen).toEqual([]);
  });

  test("with too large a body is refused, announced or not", async () => {
    const announced = await ask({ method: "POST", path: "/", headers: { "content-length": 20_000_000 } });
    expect(announced.status).toBe(413);
    const chunked = ask(
      { method: "POST", path: "/", headers: { "transfer-encoding": "chunked" } },
      "x".repeat(17_000_000),
    );
    // The client may learn it by the answer or by the closed connection, whichever comes first.
    expect(
      await chunked.then(
        ({ status }) => status === 413,
        () => true,
      ),
    ).toBe(true);
  });

  test("is told when the edge is down", async () => {
    edge.close();
    edge.closeAllConnections();
    await once(edge, "close");
    const { status, text, headers } = await ask({ path: "/api/me" });
    expect([status, headers["content-type"]]).toEqual([503, "application/problem+json"]);
    expect(JSON.parse(text)).toMatchObject({ code: "part-down" });
  });

  test("is answered while hundreds of others take their time to send what they announced", async () => {
    let connections = 0;
    edge.on("connection", () => connections++);
    const slow = Array.from({ length: 520 }, () => {
      const socket = connect(port, "127.0.0.1").on("error", () => undefined);
      socket.write("POST /api/echo HTTP/1.1\r\nhost: door.example\r\ncontent-length: 5\r\n\r\n");
      return socket;
    });
    await vi.waitFor(() => expect(connections).toBe(slow.length), { timeout: 10_000 });
    expect((await ask({ path: "/api/me" })).status).toBe(200);
    for (const socket of slow) socket.destroy();
  });

  test("whose answer nobody reads ends, and a WebSocket that has nothing to say does not", async () => {
    const unread = Promise.withResolvers<void>();
    const large = http.createServer((_request, response) => {
      response.once("close", unread.resolve).write(Buffer.alloc(50_000_000));
    });
    new WebSocketServer({ server: large }).on("connection", (socket) =>
      socket.on("message", () => socket.send("still here")),
    );
    const behind = await listen(large);
    const own = makeFront({ origin: "http://door.example", edgePort: behind, livekitPort: behind, silence: 200 });
    const at = await listen(own as http.Server);
    const quiet = new WebSocket(`ws://127.0.0.1:${at}/api/live`, { headers: { host: "door.example" } });
    await once(quiet, "open");
    const socket = connect(at, "127.0.0.1").pause();
    socket.write("GET /large HTTP/1.1\r\nhost: door.example\r\n\r\n");
    await unread.promise;
    socket.destroy();
    quiet.send("you");
    expect(String((await once(quiet, "message"))[0])).toBe("still here");
    quiet.terminate();
  });

  test("with a header of 10 MB is refused without reading it all", async () => {
    const socket = connect(port, "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined); // the reset that tells it to stop
    socket.write(`GET / HTTP/1.1\r\nHost: door.example\r\nX: ${"x".repeat(10_000_000)}`);
    await closed;
    expect(seen).toEqual([]);
  });
});

test("one address holds as many connections as it may, another address has its own, and who closes one has room for another", async () => {
  const refused: string[] = [];
  const edgePort = await listen(http.createServer((_request, response) => response.end("edge")));
  const own = makeFront({
    ...{ origin: "http://door.example", edgePort, livekitPort: edgePort },
    perAddress: 2,
    onRefused: ({ address }) => refused.push(address),
  });
  const at = await listen(own as http.Server);
  const from = (localAddress: string) =>
    connect({ host: "127.0.0.1", port: at, localAddress }).on("error", () => undefined);
  const isAnswered = async (socket: Socket) => {
    socket.write("GET / HTTP/1.1\r\nhost: door.example\r\n\r\n");
    return (await Promise.race([once(socket, "data"), once(socket, "close")])).length > 0 && !socket.destroyed;
  };
  const [first, second] = [from("127.0.0.1"), from("127.0.0.1")];
  expect([await isAnswered(first), await isAnswered(second), await isAnswered(from("127.0.0.1"))]).toEqual([
    true,
    true,
    false,
  ]);
  expect(refused).toEqual(["127.0.0.1"]);
  expect(await isAnswered(from("127.0.0.2"))).toBe(true);
  first.destroy();
  await vi.waitFor(async () => expect(await isAnswered(from("127.0.0.1"))).toBe(true));
});

describe("a WebSocket", () => {
  const open = (host: string) =>
    new WebSocket(`ws://127.0.0.1:${port}/api/live`, { headers: { host, "MF-Evil": "1" } });

  test("carries messages both ways", async () => {
    const socket = open("door.example");
    await once(socket, "open");
    socket.send("a ring");
    const [data] = await once(socket, "message");
    expect(String(data)).toBe("edge heard a ring");
    expect(seen[0]?.["mf-evil"]).toBeUndefined();
    socket.close();
    await once(socket, "close");
  });

  test("is closed when the edge goes", async () => {
    const socket = open("door.example");
    await once(socket, "open");
    for (const one of sockets.clients) one.terminate();
    await once(socket, "close");
  });

  test("under another host name is refused", async () => {
    const [error] = await once(open("evil.example"), "error");
    expect(String(error)).toContain("421");
  });
});
