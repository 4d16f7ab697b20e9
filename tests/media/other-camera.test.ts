/** How a station pulls another maker's camera: against an RTSP server that we did not write, also behind TLS. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
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
  pulled = pullCamera({ address, credentials: camera.credentials }, () => undefined, key);
  return pulled;
};
const becomes = (one: PulledCamera, state: PulledCamera["state"]) =>
  vi.waitFor(() => expect(one.state).toBe(state), { timeout: 15_000, interval: 50 });
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
  const address = mute.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const pulls = [
    { address: camera.address, credentials: { ...credentials, password: "gu3ss@:/ed" } },
    { address: camera.address, credentials: undefined },
    { address: `rtsp://127.0.0.1:${port}/yard`, credentials },
  ].map((source) => pullCamera(source, () => undefined, plain));
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
  const address = server.address();
  const bound = typeof address === "object" ? (address?.port ?? 0) : 0;
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
