/** How a station pulls another maker's camera: against an RTSP server that we did not write, also behind TLS. */
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createServer as createTlsServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { issueServerCertificate, makeAuthority } from "#media-nodes/pki/issue.ts";
import { openKeyPins } from "../../station/cameras/key-pins.ts";
import { type CameraKey, type PulledCamera, pullCamera } from "../../station/cameras/pulled-camera.ts";
import { watching } from "../../station/watching.ts";
import { randomPictureCode } from "../support/camera.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type RtspCamera, startRtspCamera } from "../support/rtsp-camera.ts";

const code = randomPictureCode();
let camera: RtspCamera;
let pulled: PulledCamera | undefined;

beforeAll(async () => {
  camera = await startRtspCamera(code);
});
afterEach(() => pulled?.close());
afterAll(() => camera?.stop());

const lost = () => {
  throw new Error("the keys are damaged");
};
const plain = { known: () => undefined, keep: () => undefined };
const pull = (address = camera.address, key: CameraKey = plain): PulledCamera => {
  pulled = pullCamera({ address, credentials: camera.credentials, onlyPublic: false }, () => undefined, key);
  return pulled;
};
const loopbackIsPublic = fileURLToPath(new URL("../support/pull-loopback.ts", import.meta.url));
/** As the virtual station pulls it, which reaches public addresses alone. */
const pullInPublic = (address: string, program?: string): PulledCamera => {
  const source = { address, credentials: camera.credentials, onlyPublic: true };
  pulled = pullCamera(source, () => undefined, plain, program);
  return pulled;
};
const becomes = (one: PulledCamera, state: PulledCamera["state"]) =>
  vi.waitFor(() => expect(one.state).toBe(state), { timeout: 15_000, interval: 50 });
const portOf = (server: Server) => {
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
};
/** What somebody sees who begins to look now. */
const seen = (one: PulledCamera) =>
  new Promise<number | undefined>((resolve) => {
    one.film(watching(({ code }) => resolve(code)));
  });

test("its picture is there for whoever begins to look, whole", async () => {
  const one = pull();
  await becomes(one, "answers");
  expect(await seen(one)).toBe(code);
});

test("with a wrong password or none, and where something listens that says nothing, it doesn't answer", async () => {
  const mute = createServer().listen(0, "127.0.0.1");
  await once(mute, "listening");
  const { credentials } = camera;
  const pulls = [
    { address: camera.address, credentials: { ...credentials, password: "gu3ss@:/ed" } },
    { address: camera.address, credentials: undefined },
    { address: `rtsp://127.0.0.1:${portOf(mute)}/yard`, credentials },
  ].map((source) => pullCamera({ ...source, onlyPublic: false }, () => undefined, plain));
  await Promise.all(pulls.map((one) => becomes(one, "silent")));
  for (const one of pulls) one.close();
  mute.close();
});

test("once it sends nothing any more it doesn't answer, and it does again when its picture is back", async () => {
  const one = pull();
  await becomes(one, "answers");
  await camera.cover();
  await becomes(one, "silent");
  await camera.uncover();
  await becomes(one, "answers");
  expect(await seen(one)).toBe(code);
});

/** The camera behind TLS, with a certificate and key of its own, until it is closed. */
async function secured(port = 0) {
  const { certificate: cert, key } = await issueServerCertificate(await makeAuthority("The camera's own"), ["camera"]);
  const { hostname, port: to, pathname } = new URL(camera.address);
  const server = createTlsServer({ cert, key }, (from) => {
    const behind = connect(Number(to), hostname);
    for (const [one, other] of [[from, behind] as const, [behind, from] as const]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
      one.pipe(other);
    }
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  const bound = portOf(server);
  return { port: bound, address: `rtsps://127.0.0.1:${bound}${pathname}`, close: () => server.close() };
}

test("over TLS it is known by the key that it showed first: with another it doesn't answer, until it is put in anew", async () => {
  const first = await secured();
  const file = join(temporaryFolder("camera-keys"), "keys");
  const entry = { id: "the camera", address: first.address };
  /** As after a restart of the station: what is known is read again. */
  const known = (): CameraKey => {
    const pins = openKeyPins(file, lost);
    return { known: () => pins.of(entry), keep: (key) => pins.keep(entry, key) };
  };
  const one = pull(first.address, known());
  await becomes(one, "answers");
  expect(await seen(one)).toBe(code);
  one.close();
  const again = pull(first.address, known());
  await becomes(again, "answers");
  again.close();
  first.close();

  const other = await secured(first.port);
  const stranger = pull(first.address, known());
  await becomes(stranger, "silent");
  stranger.close();
  openKeyPins(file, lost).only([]);
  const anew = pull(first.address, known());
  await becomes(anew, "answers");
  anew.close();
  other.close();
});

test("where public addresses alone are reached it is not even asked at another, whatever name leads there, and that is said", async () => {
  let asked = 0;
  const server = createServer(() => asked++).listen(0, "127.0.0.1");
  await once(server, "listening");
  for (const scheme of ["rtsp", "rtsps"])
    for (const host of ["127.0.0.1", "localhost", "2130706433"]) {
      const one = pullInPublic(`${scheme}://${host}:${portOf(server)}/yard`);
      await becomes(one, "silent");
      expect([host, one.notPublic]).toEqual([host, true]);
      one.close();
    }
  expect(asked).toBe(0);
  server.close();
});

test("at an address that is public it is pulled, by its name too, in plain and over TLS", async () => {
  const overTls = await secured();
  for (const address of [camera.address, camera.address.replace("127.0.0.1", "localhost"), overTls.address]) {
    const one = pullInPublic(address, loopbackIsPublic);
    await becomes(one, "answers");
    expect(await seen(one)).toBe(code);
    expect(one.notPublic).toBe(false);
    one.close();
  }
  overTls.close();
});

test("one that sends on to another address is followed in the station's own network, and nowhere else", async () => {
  const onward = createServer((socket) => {
    socket.on("error", () => undefined);
    createInterface({ input: socket }).on("line", (line) => {
      const number = /^CSeq: *(\d+)/i.exec(line)?.[1];
      if (number) socket.write(`RTSP/1.0 302 Found\r\nCSeq: ${number}\r\nLoc\ration: ${wayIn()}\r\n\r\n`);
    });
  });
  const wayIn = () => {
    const url = new URL(camera.address);
    url.username = camera.credentials.user;
    url.password = camera.credentials.password;
    return url.href;
  };
  await once(onward.listen(0, "127.0.0.1"), "listening");
  const address = `rtsp://127.0.0.1:${portOf(onward)}/yard`;
  const inItsNetwork = pull(address);
  await becomes(inItsNetwork, "answers");
  inItsNetwork.close();
  const inPublic = pullInPublic(address, loopbackIsPublic);
  await becomes(inPublic, "silent");
  expect(inPublic.notPublic).toBe(false);
  inPublic.close();
  onward.close();
});
