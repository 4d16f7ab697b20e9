/** How a station pulls another maker's camera: against an RTSP server that we did not write. */
import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type PulledCamera, pullCamera } from "../../station/cameras/pulled-camera.ts";
import { watching } from "../../station/watching.ts";
import { randomPictureCode } from "../support/camera.ts";
import { type RtspCamera, startRtspCamera } from "../support/rtsp-camera.ts";

const code = randomPictureCode();
let camera: RtspCamera;
let pulled: PulledCamera | undefined;

beforeAll(async () => {
  camera = await startRtspCamera(code);
});
afterEach(() => pulled?.close());
afterAll(() => camera?.stop());

const pull = (): PulledCamera => {
  const { address, credentials } = camera;
  pulled = pullCamera({ address, credentials }, () => undefined);
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
  ].map((source) => pullCamera(source, () => undefined));
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
