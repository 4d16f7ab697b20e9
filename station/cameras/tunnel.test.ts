/** A camera that is reached at public addresses alone, where its name or the camera itself would lead into our own network. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { createServer as createTlsServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isPublicAddress } from "#core/network/public-address.ts";
import { issueServerCertificate, makeAuthority } from "#media-nodes/pki/issue.ts";
import { pullCamera } from "./pulled-camera.ts";
import { NotPublic, openTunnel } from "./tunnel.ts";

/** Two of this machine's addresses: the camera's, which counts as public here, and one within our network. */
const [outside, within] = ["127.0.0.1", "127.0.0.2"];
const isPublic = (address: string) => address === outside || isPublicAddress(address);

const closing: (() => void)[] = [];
/** Who was let in where nobody was to be sent. */
let trapped: number;
beforeEach(() => {
  trapped = 0;
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listening(server: Server, host: string, port = 0): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
  await once(server.listen(port, host), "listening");
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}
const trap = (port: number) =>
  listening(
    createServer(() => trapped++),
    within,
    port,
  );

/** A name that leads to one of these after the other, and at last to the last one. */
function leading(...answers: string[][]) {
  let asked = 0;
  return async () => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
}

test.each(["rtsp", "rtsps"])(
  "a name that leads elsewhere once it was judged (%s) is followed to where it was judged, and then not any more",
  async (scheme) => {
    const says = (socket: Socket) => socket.write("the camera");
    const own = await issueServerCertificate(await makeAuthority("The camera's own"), ["camera"]);
    const camera =
      scheme === "rtsp" ? createServer(says) : createTlsServer({ cert: own.certificate, key: own.key }, says);
    const port = await listening(camera, outside);
    await trap(port);
    const address = new URL(`${scheme}://camera.example:${port}/yard`);
    const lookUp = leading([outside], [within]);

    const { url } = await openTunnel(address, undefined, isPublic, lookUp);
    const [heard] = await once(connect(Number(url.port), url.hostname), "data");
    expect(String(heard)).toBe("the camera");
    await expect(openTunnel(address, undefined, isPublic, lookUp)).rejects.toThrow(NotPublic);
    expect(trapped).toBe(0);
  },
);

test("of a name that leads to a public address and to one within, neither is asked", async () => {
  const port = await listening(
    createServer(() => trapped++),
    outside,
  );
  await trap(port);
  const lookUp = leading([outside, within]);
  await expect(openTunnel(new URL(`rtsp://camera.example:${port}`), undefined, isPublic, lookUp)).rejects.toThrow(
    NotPublic,
  );
  expect(trapped).toBe(0);
});

test.each([
  "::ffff:127.0.0.2",
  "::ffff:7f00:2",
  "0:0:0:0:0:ffff:127.0.0.2",
  "::127.0.0.2",
  "64:ff9b::127.0.0.2",
  "64:ff9b::7f00:2",
  "64:ff9b:1::7f00:2",
  "2002:7f00:2::",
])("an IPv4 address within is one written as %s, too", async (address) => {
  const port = await trap(0);
  for (const host of [`[${address}]`, "camera.example"]) {
    const lookUp = leading([address]);
    await expect(openTunnel(new URL(`rtsp://${host}:${port}/yard`), undefined, isPublic, lookUp)).rejects.toThrow(
      NotPublic,
    );
  }
  expect(trapped).toBe(0);
});

test("sound and picture come inside the judged connection, whatever the address asks for and the camera answers", async () => {
  const port = await trap(0);
  const udp = createSocket("udp4").on("message", () => trapped++);
  closing.push(() => udp.close());
  await once(udp.bind(port, within), "listening");
  const description = [
    ...["v=0", `o=- 0 0 IN IP4 ${within}`, "s=-", `c=IN IP4 ${within}`, "t=0 0"],
    ...[`m=video ${port} RTP/AVP 96`, "a=rtpmap:96 H264/90000", `a=control:rtsp://${within}:${port}/track`, ""],
  ].join("\r\n");
  const transport = `RTP/AVP;unicast;client_port=5000-5001;server_port=${port}-${port};source=${within};destination=${within}`;
  const wanted = Promise.withResolvers<string>();
  const camera = createServer((socket) => {
    let method = "";
    let number = "";
    createInterface({ input: socket }).on("line", (line) => {
      method = /^([A-Z]+) rtsp:/.exec(line)?.[1] ?? method;
      number = /^CSeq: *(\d+)/i.exec(line)?.[1] ?? number;
      if (method === "SETUP" && line.startsWith("Transport:")) wanted.resolve(line);
      if (line !== "") return;
      const head = `RTSP/1.0 200 OK\r\nCSeq: ${number}\r\n`;
      if (method === "DESCRIBE") {
        const body = `Content-Type: application/sdp\r\nContent-Length: ${description.length}\r\n\r\n${description}`;
        socket.write(`${head}Content-Base: rtsp://${within}:${port}/yard/\r\n${body}`);
      } else if (method === "SETUP") socket.write(`${head}Session: 1\r\nTransport: ${transport}\r\n\r\n`);
      else socket.write(`${head}Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n`);
    });
  });
  const address = `rtsp://${outside}:${await listening(camera, outside)}/yard?udp&http`;
  const silent = Promise.withResolvers<void>();
  const key = { known: () => undefined, keep: () => undefined };
  const program = fileURLToPath(new URL("../../tests/support/pull-loopback.ts", import.meta.url));
  const pulled = pullCamera({ address, credentials: undefined, onlyPublic: true }, silent.resolve, key, program);
  closing.push(pulled.close);
  expect(await wanted.promise).toBe("Transport: RTP/AVP/TCP;unicast;interleaved=0-1");
  await silent.promise;
  expect([pulled.state, pulled.notPublic, trapped]).toEqual(["silent", false, 0]);
});
