import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { connect, type Server, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { handClock } from "../../../tests/support/hand-clock.ts";
import {
  type Certified,
  issueDeviceCertificate,
  issueServerCertificate,
  makeAuthority,
  validFor,
} from "../../pki/issue.ts";
import { usualAllowance } from "./allowance.ts";
import type { Clock } from "./clock.ts";
import type { Flow } from "./flow.ts";
import { connectTls, type ListenOptions, listenTls } from "./transport.ts";
import { createUserAgent } from "./user-agent.ts";

const device = "4f7d3f0e-52c1-4c0f-9a43-0d2f3a6b7c81";
const day = 86_400_000;
let serverAuthority: Certified;
let deviceAuthority: Certified;
let server: Certified;
let own: Certified;

beforeAll(async () => {
  [serverAuthority, deviceAuthority] = await Promise.all([makeAuthority("servers"), makeAuthority("devices")]);
  [server, own] = await Promise.all([
    issueServerCertificate(serverAuthority, ["127.0.0.1"]),
    issueDeviceCertificate(deviceAuthority, device),
  ]);
});

const open: Server[] = [];
const sockets: (Socket | TLSSocket)[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const one of open.splice(0)) one.close();
});
afterAll(() => expect(open).toEqual([]));

const agent = (clock: Clock) =>
  createUserAgent({
    clock,
    contact: () => "<sip:gateway@127.0.0.1>",
    sentBy: "127.0.0.1:5061",
    onCall: (call) => call.reject(486),
    onError: (error) => {
      throw error;
    },
  });

const everybody: ListenOptions["admission"] = { admit: async () => true, hold: () => () => undefined };

/** A listener with a user agent behind it. */
async function listen(more: Partial<ListenOptions> = {}) {
  const refused: string[] = [];
  const flows: Flow[] = [];
  const ends: string[] = [];
  let wake = () => {};
  const clock = more.clock ?? handClock();
  const listener = await listenTls({
    host: "127.0.0.1",
    port: 0,
    certificate: server.certificate,
    key: server.key,
    deviceAuthority: deviceAuthority.certificate,
    admission: everybody,
    clock,
    onFlow(flow) {
      flows.push(flow);
      flow.onEnd((reason) => {
        ends.push(reason);
        wake();
      });
      agent(clock).attach(flow);
      wake();
    },
    onRefused({ reason }) {
      refused.push(reason);
      wake();
    },
    ...more,
  });
  open.push(listener);
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  /** Waits until `is` holds; looks again whenever something happened. */
  const until = async (is: () => boolean) => {
    while (!is()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { port: address.port, refused, flows, ends, until };
}

/** A TLS connection that is spoken over by hand. */
function raw(port: number, credentials: Partial<Certified> = own): TLSSocket {
  const socket = connect({
    host: "127.0.0.1",
    port,
    ca: serverAuthority.certificate,
    cert: credentials.certificate,
    key: credentials.key,
  });
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

const options = (callId: string) =>
  `OPTIONS sip:gateway SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK${callId}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n` +
  `Call-ID: ${callId}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`;

async function heard(socket: Socket, text: string): Promise<string> {
  let all = "";
  for await (const data of socket.iterator({ destroyOnReturn: false })) {
    all += data.toString("latin1");
    if (all.includes(text)) break;
  }
  return all;
}

test("a device is who its certificate says, and its requests are answered over its own connection", async () => {
  const clock = handClock();
  const { port, flows, until } = await listen({ clock });
  const flow = await connectTls({
    host: "127.0.0.1",
    port,
    ...own,
    serverAuthority: serverAuthority.certificate,
    clock,
  });
  const station = agent(clock);
  station.attach(flow);
  const address = "<sip:x@127.0.0.1>";
  const answer = await station.request(flow, { method: "OPTIONS", uri: "sip:x@127.0.0.1", from: address, to: address });
  await until(() => flows.length === 1);
  expect(answer.status).toBe(200);
  expect(flows[0]?.deviceId).toBe(device);
  flow.close("shut-down");
});

test.each([
  ["no certificate", async () => ({})],
  ["a certificate of another authority", async () => issueDeviceCertificate(await makeAuthority("devices"), device)],
  [
    "an expired certificate",
    () =>
      issueDeviceCertificate(deviceAuthority, device, {
        from: new Date(Date.now() - 2 * day),
        until: new Date(Date.now() - day),
      }),
  ],
  [
    "a certificate not yet valid",
    () => issueDeviceCertificate(deviceAuthority, device, { ...validFor(2), from: new Date(Date.now() + day) }),
  ],
  ["a certificate that names no device", () => issueDeviceCertificate(deviceAuthority, "not-a-uuid")],
])("%s is refused before a byte of SIP", async (_what, make) => {
  const { port, flows, refused, until } = await listen();
  const socket = raw(port, await make());
  let answer = "";
  socket.on("data", (data) => {
    answer += data;
  });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(options("refused"));
  await until(() => refused.length > 0);
  await closed;
  expect([flows, answer]).toEqual([[], ""]);
});

test("a station refuses a server that its authority doesn't know", async () => {
  const { port } = await listen();
  const stranger = await makeAuthority("servers");
  await expect(connectTls({ host: "127.0.0.1", port, ...own, serverAuthority: stranger.certificate })).rejects.toThrow(
    /certificate/,
  );
});

test("garbage is refused without a word of it in the log, and others go on", async () => {
  const { port, refused, until } = await listen();
  const good = raw(port);
  await once(good, "secureConnect");
  const bad = connectPlain(port, "127.0.0.1");
  sockets.push(bad);
  bad.on("error", () => {}).resume();
  bad.write("INVITE sip:secret@example.org SIP/2.0\r\n\r\n");
  await until(() => refused.length > 0);
  good.write(options("good"));
  expect(await heard(good, "good")).toContain("SIP/2.0 200 OK");
  expect(refused.join()).not.toContain("secret");
});

test("a header of 10 MB is refused with 513 and the connection closed, without its content in the log", async () => {
  const { port, refused, ends, until } = await listen();
  const socket = raw(port);
  socket.write(`${options("big").slice(0, -4)}\r\nX-Secret: `);
  for (let sent = 0; sent < 10 && !socket.destroyed; sent++) socket.write("secret-".repeat(150_000));
  await until(() => ends.length > 0);
  expect(ends).toEqual(["malformed"]);
  expect(refused).toEqual(["513 header too large"]);
});

test("a message sent too slowly ends the connection after 10 s, however it trickles", async () => {
  const clock = handClock();
  const { port, flows, ends, until } = await listen({ clock });
  const socket = raw(port);
  socket.write(`${options("first")}INVITE `); // one record: the answer shows that the trickle's begin arrived with it
  await heard(socket, "first");
  await until(() => flows.length === 1);
  const arrived = new Promise((resolve) => socket.once("close", resolve));
  clock.advance(9_999);
  expect(ends).toEqual([]);
  clock.advance(1);
  socket.resume();
  await arrived;
  expect(ends).toEqual(["slow"]);
});

test("a device that says too much at once is heard little by little, and others meanwhile as ever", async () => {
  const clock = handClock();
  const { port, flows, ends, until } = await listen({ clock });
  const said = 2_000;
  raw(port).write(Array.from({ length: said }, (_, n) => options(`flood-${n}`)).join(""));
  await until(() => flows.length === 1);
  let taken = 0;
  flows[0]?.onMessage(() => taken++);
  while (taken < usualAllowance.burst) await new Promise(setImmediate);
  const other = raw(port);
  other.write(options("meanwhile"));
  expect(await heard(other, "meanwhile")).toContain("SIP/2.0 200");
  // What one record of TLS held is read, and no more.
  expect(taken).toBeLessThan(2 * usualAllowance.burst);
  while (taken < said) {
    clock.advance(100);
    await new Promise(setImmediate);
  }
  expect(clock.now()).toBeGreaterThan(((said - 2 * usualAllowance.burst) / usualAllowance.perSecond) * 1_000);
  expect(ends).toEqual([]);
});

test("a silent device is asked twice for a sign of life before its connection is given up", async () => {
  const clock = handClock();
  const { port, flows, ends, until } = await listen({ clock });
  const socket = raw(port);
  await until(() => flows.length === 1);
  clock.advance(44_999);
  expect(ends).toEqual([]);
  clock.advance(1);
  expect(await heard(socket, "OPTIONS")).toContain(`OPTIONS sip:${device}@127.0.0.1`);
  clock.advance(15_000);
  await heard(socket, "OPTIONS");
  clock.advance(14_999);
  expect(ends).toEqual([]);
  clock.advance(1);
  expect(ends).toEqual(["keep-alive-lost"]);
});

test("silence never ends a connection whose device answers", async () => {
  const clock = handClock();
  const { port, flows, ends, until } = await listen({ clock });
  const flow = await connectTls({
    host: "127.0.0.1",
    port,
    ...own,
    serverAuthority: serverAuthority.certificate,
    clock,
  });
  agent(clock).attach(flow);
  await until(() => flows.length === 1);
  let answers = 0;
  flows[0]?.onMessage((message) => {
    if (message.kind === "response") answers += 1;
  });
  for (let minute = 1; minute <= 20; minute++) {
    clock.advance(46_000);
    while (answers < minute) await new Promise(setImmediate);
  }
  expect(ends).toEqual([]);
  flow.close("shut-down");
});

test("a station that gets no pong to two pings gives its connection up", async () => {
  const clock = handClock();
  const { port, flows, until } = await listen({ clock: handClock() });
  const flow = await connectTls({
    host: "127.0.0.1",
    port,
    ...own,
    serverAuthority: serverAuthority.certificate,
    clock,
    pingEvery: 25_000,
  });
  await until(() => flows.length === 1);
  const ends: string[] = [];
  flow.onEnd((reason) => ends.push(reason));
  clock.advance(75_000); // the hands turn faster than the pongs travel
  expect(ends).toEqual(["keep-alive-lost"]);
});

describe("a certificate that is revoked", () => {
  test("does not get in, and who has it hears nothing", async () => {
    const { port, refused, until } = await listen({ admission: { ...everybody, admit: async () => false } });
    raw(port);
    await until(() => refused.length > 0);
    expect(refused).toEqual(["the certificate is not good"]);
  });

  test("does not get in either while nobody can say whether it is", async () => {
    const admit = () => Promise.reject(new Error("no edge"));
    const { port, refused, until } = await listen({ admission: { ...everybody, admit } });
    raw(port);
    await until(() => refused.length > 0);
    expect(refused).toEqual(["the certificate can't be judged now"]);
  });

  test("ends the connection that came in by it", async () => {
    const held: { serial: string; end: () => void }[] = [];
    const hold = (serial: string, end: () => void) => {
      held.push({ serial, end });
      return () => undefined;
    };
    const { port, flows, ends, until } = await listen({ admission: { ...everybody, hold } });
    const socket = raw(port);
    await until(() => flows.length === 1);
    expect(held[0]?.serial).toBe(new X509Certificate(own.certificate).serialNumber.toLowerCase());
    held[0]?.end();
    await once(socket, "close");
    expect(ends).toEqual(["revoked"]);
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "is asked about at every handshake: no session is resumed over %s",
    async (version) => {
      const asked: string[] = [];
      const admit = async (serial: string) => asked.push(serial) > 0;
      const { port, flows, until } = await listen({ admission: { ...everybody, admit } });
      const mine = { host: "127.0.0.1", port, ca: serverAuthority.certificate, cert: own.certificate, key: own.key };
      const first = connect({ ...mine, maxVersion: version });
      let session: Buffer | undefined;
      first.on("session", (ticket: Buffer) => {
        session = ticket;
      });
      sockets.push(first);
      await until(() => flows.length === 1);
      first.write(options("one"));
      await heard(first, "200 OK");
      session ??= first.getSession();
      const second = connect({ ...mine, maxVersion: version, session });
      sockets.push(second);
      await until(() => flows.length === 2);
      expect(asked).toHaveLength(2);
    },
  );
});
