import { once } from "node:events";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { callId, deviceId } from "#core/messages/values.ts";
import { backOff, type EdgeLink, type EdgeMessage, openEdgeLink } from "./edge-link.ts";

const call = callId.parse("11111111-1111-4111-8111-111111111111");
const device = deviceId.parse("22222222-2222-4222-8222-222222222222");
const press = { type: "room-ready", callId: call } as const;

type Json = { type?: string; seq?: number; ack?: number; epoch?: string; received?: number; body?: { type: string } };

/** An edge that does what the test says. */
async function fakeEdge() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const got: Json[] = [];
  const waiting: { want: (message: Json) => boolean; done: (message: Json) => void }[] = [];
  const sockets: WebSocket[] = [];
  const tokens: (string | undefined)[] = [];
  const addresses: (string | undefined)[] = [];
  server.on("connection", (socket, request) => {
    sockets.push(socket);
    tokens.push(request.headers.authorization);
    addresses.push(request.url);
    socket.on("message", (data) => {
      const message: Json = JSON.parse(data.toString());
      got.push(message);
      for (const one of waiting.splice(0)) one.want(message) ? one.done(message) : waiting.push(one);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    got,
    tokens,
    addresses,
    /** The next message, from now on, that fits. */
    next: (want: (message: Json) => boolean) => new Promise<Json>((done) => waiting.push({ want, done })),
    say: (message: unknown) => sockets.at(-1)?.send(JSON.stringify(message)),
    cut: () => sockets.at(-1)?.terminate(),
    stop: () => {
      for (const socket of sockets) socket.terminate();
      server.close();
    },
  };
}

const isHello = (message: Json) => message.type === "hello";
const numberIs = (seq: number) => (message: Json) => message.seq === seq;
const welcome = (received: number, endCalls: string[] = []) => ({ type: "welcome", protocol: 1, received, endCalls });

describe("the link to the edge", () => {
  const toClose: { close(): void }[] = [];
  afterEach(() => {
    for (const one of toClose.splice(0)) one.close();
  });

  async function linked() {
    const edge = await fakeEdge();
    const carried: EdgeMessage[] = [];
    const ended: string[] = [];
    const hello = edge.next(isHello);
    const link: EdgeLink = openEdgeLink({
      url: edge.url,
      token: "token-of-sixteen",
      nodeName: "node",
      log: pino({ level: "silent" }),
      inventory: () => ({ registrations: [{ deviceId: device, contact: "none", since: 5 }], liveCalls: [] }),
      onMessage: (message) => carried.push(message),
      onEndCalls: (calls) => ended.push(...calls),
      random: () => 0,
    });
    toClose.push(link, { close: edge.stop });
    return { edge, link, carried, ended, hello: await hello };
  }

  it("brings its name and the token, and says what lives here", async () => {
    const { edge, hello } = await linked();
    expect(edge.tokens).toEqual(["Bearer token-of-sixteen"]);
    expect(edge.addresses).toEqual(["/media-node/link?node=node"]);
    expect(hello).toMatchObject({ protocol: 1, nodeId: "node", received: 0, registrations: [{ deviceId: device }] });
  });

  it("keeps what is said before the welcome and sends it then", async () => {
    const { edge, link } = await linked();
    link.send(press);
    expect(link.up).toBe(false);
    const first = edge.next(numberIs(1));
    edge.say(welcome(0));
    expect(await first).toEqual({ seq: 1, ack: 0, body: press });
    expect(link.waiting).toBe(1);
    edge.say({ ack: 1 });
    await vi.waitFor(() => expect(link.waiting).toBe(0));
  });

  it("comes back by itself and sends again what was not acknowledged", async () => {
    const { edge, link, hello } = await linked();
    edge.say(welcome(0));
    const first = edge.next(numberIs(1));
    link.send(press);
    await first;
    const again = edge.next(isHello);
    edge.cut();
    expect((await again).epoch).toBe(hello.epoch);
    const resent = edge.next(numberIs(1));
    edge.say(welcome(0));
    expect((await resent).body).toEqual(press);
  });

  it("carries each message out once and acknowledges it", async () => {
    const { edge, carried } = await linked();
    edge.say(welcome(0));
    const acknowledged = edge.next((message) => message.ack === 1);
    edge.say({ seq: 1, ack: 0, body: { type: "warn", callId: call } });
    edge.say({ seq: 1, ack: 0, body: { type: "warn", callId: call } });
    await acknowledged;
    const second = edge.next((message) => message.ack === 2);
    edge.say({ seq: 2, ack: 0, body: { type: "end", callId: call, reason: "declined" } });
    await second;
    expect(carried.map((message) => message.type)).toEqual(["warn", "end"]);
  });

  it("ends the calls that the edge knows no more", async () => {
    const { edge, ended } = await linked();
    edge.say(welcome(0, [call]));
    await vi.waitFor(() => expect(ended).toEqual([call]));
  });

  it("begins a new epoch, with what is not acknowledged, when the edge lost its numbers", async () => {
    const { edge, link, hello } = await linked();
    edge.say(welcome(0));
    link.send(press);
    edge.say({ ack: 1 });
    await vi.waitFor(() => expect(link.waiting).toBe(0));
    link.send({ type: "station-ringing", callId: call });
    const second = edge.next(isHello);
    edge.cut();
    await second;
    const third = edge.next(isHello);
    edge.say(welcome(0));
    expect((await third).epoch).not.toBe(hello.epoch);
    const resent = edge.next(numberIs(1));
    edge.say(welcome(0));
    expect((await resent).body?.type).toBe("station-ringing");
  });

  it("drops an edge that does not speak the protocol, and comes back", async () => {
    const { edge, carried } = await linked();
    edge.say(welcome(0));
    const again = edge.next(isHello);
    edge.say({ seq: 1, ack: 0, body: { type: "dance" } });
    await again;
    expect(carried).toEqual([]);
  });

  it("waits longer after each failure, never for more than 5 s, and leaves half to chance", () => {
    expect([0, 1, 2, 20].map((attempt) => backOff(attempt, () => 1))).toEqual([100, 200, 400, 5000]);
    expect(backOff(20, () => 0)).toBe(2500);
  });
});
