/** How a station pulls another maker's camera: against an RTSP server that we did not write. */
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

const pull = (credentials: RtspCamera["credentials"] | undefined): PulledCamera => {
  pulled = pullCamera({ address: camera.address, credentials }, () => undefined);
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
  const one = pull(camera.credentials);
  await becomes(one, "answers");
  expect(await seen(one)).toBe(code);
});

test("with a wrong password, or none, it doesn't answer", async () => {
  for (const credentials of [{ ...camera.credentials, password: "gu3ss@:/ed" }, undefined]) {
    await becomes(pull(credentials), "silent");
    pulled?.close();
  }
});

test("once it sends nothing any more it doesn't answer, and it does again when its picture is back", async () => {
  const one = pull(camera.credentials);
  await becomes(one, "answers");
  await camera.cover();
  await becomes(one, "silent");
  await camera.uncover();
  await becomes(one, "answers");
  expect(await seen(one)).toBe(code);
});
