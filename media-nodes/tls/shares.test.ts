/** The listeners that devices reach, each with clients that want more of it than their share. */
import { once } from "node:events";
import { type AddressInfo, connect as connectPlain, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import pino from "pino";
import { afterEach, describe, expect, test, vi } from "vitest";
import { connectionsPerCertificate } from "#core/device/connections.ts";
import { deviceId } from "#core/messages/values.ts";
import { makeDeviceFront } from "../device-front/front.ts";
import { openTlsDoor } from "../mqtt/tls-door.ts";
import { type Certified, issueDeviceCertificate, issueServerCertificate, makeAuthority } from "../pki/issue.ts";
import { listenTls } from "../sip-gateway/sip/transport.ts";
import type { Credentials } from "./device-tls.ts";

const [servers, devices] = await Promise.all([makeAuthority("servers"), makeAuthority("devices")]);
const newDevice = () => issueDeviceCertificate(devices, deviceId.parse(crypto.randomUUID()));
const [own, other] = await Promise.all([newDevice(), newDevice()]);
const credentials: Credentials = {
  ...(await issueServerCertificate(servers, ["localhost"])),
  deviceAuthority: devices.certificate,
};
const here = { host: "127.0.0.1", port: 0 };
const admission = { admit: async () => true, hold: () => () => undefined };

interface Listening {
  port: number;
  close(): unknown;
}
type Limits = { perAddress?: number; handshakeTime?: number };

const front = (carries: "everything" | "logs") => async (limits: Limits) => {
  const server = makeDeviceFront({
    ...credentials,
    ...limits,
    carries,
    origin: "https://localhost",
    edgePort: 1,
    token: "",
    admission,
    images: { answer: async () => false },
    log: pino({ level: "silent" }),
  });
  server.listen(here.port, here.host);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
};

async function mqtt(limits: Limits, onIn?: () => void): Promise<Listening> {
  const ignored = () => undefined;
  const broker = { isGood: admission.admit, onListening: ignored, onGone: ignored, onMessage: async () => undefined };
  return openTlsDoor({ ...credentials, ...limits, ...here, ...broker, onRefused: ignored }, (connection) => {
    connection.on("error", ignored).resume();
    onIn?.();
  });
}

async function sip(limits: Limits, onIn?: () => void): Promise<Listening> {
  const handlers = { onFlow: () => onIn?.(), onRefused: () => undefined };
  const server = await listenTls({ ...credentials, ...limits, ...here, admission, ...handlers });
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

const open: { sockets: Socket[]; listening: Listening[] } = { sockets: [], listening: [] };
afterEach(() => {
  for (const socket of open.sockets.splice(0)) socket.destroy();
  for (const one of open.listening.splice(0)) one.close();
});

async function listen(kind: (limits: Limits) => Promise<Listening>, limits: Limits): Promise<number> {
  const listening = await kind(limits);
  open.listening.push(listening);
  return listening.port;
}

function kept<Kind extends Socket>(socket: Kind): Kind {
  open.sockets.push(socket);
  return socket.on("error", () => undefined);
}

/** A connection that says nothing. */
async function silent(port: number): Promise<Socket> {
  const socket = kept(connectPlain(port, here.host).resume());
  await once(socket, "connect");
  return socket;
}

function dial(port: number, { certificate: cert, key }: Certified, localAddress = here.host): TLSSocket {
  const options = { host: here.host, port, localAddress, servername: "localhost", ca: servers.certificate, cert, key };
  return kept(connect(options).resume());
}

/** Whether it comes as far as a handshake. */
const isTaken = (socket: TLSSocket): Promise<boolean> =>
  new Promise((resolve) => {
    socket.once("secureConnect", () => resolve(true)).once("close", () => resolve(false));
  });

/** Resolves when it is over, however it ends. */
const isOver = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));

/** Each with what a share of twenty makes there. */
const listeners = [
  ["HTTPS", front("everything"), 20],
  ["the port for logs", front("logs"), 2],
  ["MQTT", mqtt, 20],
  ["SIP", sip, 20],
] as const;

describe.each(listeners)("%s", (_name, kind, share) => {
  test("who holds all that an address may keeps out nobody at another, and has room again once one is closed", async () => {
    const port = await listen(kind, { perAddress: 20 });
    const [first] = await Promise.all(Array.from({ length: share }, () => silent(port)));
    expect(await isTaken(dial(port, own))).toBe(false);
    expect(await isTaken(dial(port, own, "127.0.0.2"))).toBe(true);
    first?.destroy();
    await vi.waitFor(async () => expect(await isTaken(dial(port, own))).toBe(true));
  });

  test("a handshake that doesn't go on is ended", async () => {
    const port = await listen(kind, { handshakeTime: 100 });
    await isOver(await silent(port));
  });
});

describe.each([
  ["MQTT", mqtt],
  ["SIP", sip],
] as const)("%s", (_name, kind) => {
  test("one certificate holds so many connections and no more, wherever it comes from; another is let in", async () => {
    const onIn = vi.fn();
    const port = await listen((limits) => kind(limits, onIn), {});
    for (let n = 0; n < connectionsPerCertificate; n++) dial(port, own);
    await vi.waitFor(() => expect(onIn).toHaveBeenCalledTimes(connectionsPerCertificate));
    await isOver(dial(port, own, "127.0.0.2"));
    expect(onIn).toHaveBeenCalledTimes(connectionsPerCertificate);
    dial(port, other);
    await vi.waitFor(() => expect(onIn).toHaveBeenCalledTimes(connectionsPerCertificate + 1));
  });
});
