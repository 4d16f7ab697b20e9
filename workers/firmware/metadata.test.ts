/** Who learns of releases, through the real worker; octets that are named by their hash are for anyone. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { claimProgress } from "#core/messages/claiming.ts";
import { askAs, certificateIn, enrol, type Held, makeKeys, newMaker, requestWith } from "../testing/factory.ts";
import { somebody } from "../testing/portal.ts";

const maker = await newMaker();
const metadata = "/firmware/metadata/timestamp.json";
const image = `/firmware/images/${"a".repeat(64)}`;

async function claimed() {
  const { portal } = await somebody();
  const device = await maker.device();
  const keys = await makeKeys();
  const request = await requestWith({ keys });
  await enrol(device.factory, request);
  await device.press();
  const answer = await portal.ask("/api/claims", { body: { code: device.code } });
  const { deviceId } = claimProgress.parse(await answer.json());
  const own: Held = { keys, certificate: await certificateIn(await enrol(device.factory, request)) };
  return { ...device, portal, deviceId, own };
}

it("tells a claimed device of releases until it is revoked, and nobody else", async () => {
  await env.FIRMWARE.put("metadata/timestamp.json", "{}");
  await env.FIRMWARE.put(image.slice("/firmware/".length), "an image");
  const { own, factory, portal, deviceId } = await claimed();
  const answer = await askAs(own, metadata);
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-cache, no-transform"]);
  for (const other of [undefined, factory]) expect((await askAs(other, metadata)).status).toBe(401);
  const revoked = await portal.ask(`/api/devices/${deviceId}/revoke`, { method: "POST" });
  expect(revoked.ok).toBe(true);
  expect((await askAs(own, metadata)).status).toBe(401);
  expect(await (await askAs(undefined, image)).text()).toBe("an image");
});
