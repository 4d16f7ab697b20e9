/** Who learns of releases, through the real worker; octets that are named by their hash are for anyone. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { claimedDevice } from "../testing/claimed.ts";
import { askAs, newMaker } from "../testing/factory.ts";

const maker = await newMaker();
const metadata = "/firmware/metadata/timestamp.json";
const image = `/firmware/images/${"a".repeat(64)}`;

it("tells a claimed device of releases until it is revoked, and nobody else", async () => {
  await env.FIRMWARE.put("metadata/timestamp.json", "{}");
  await env.FIRMWARE.put(image.slice("/firmware/".length), "an image");
  const { own, factory, portal, deviceId } = await claimedDevice(maker);
  const answer = await askAs(own, metadata);
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-cache, no-transform"]);
  for (const other of [undefined, factory]) expect((await askAs(other, metadata)).status).toBe(401);
  const revoked = await portal.ask(`/api/devices/${deviceId}/revoke`, { method: "POST" });
  expect(revoked.ok).toBe(true);
  expect((await askAs(own, metadata)).status).toBe(401);
  expect(await (await askAs(undefined, image)).text()).toBe("an image");
});

it.each(["/firmware", "/firmware/0d6c0f4e-2b7a-4f53-8f53-6d1a5e0c00ff"])(
  "leaves %s to the portal: it is a page",
  async (page) => {
    expect((await askAs(undefined, page)).headers.get("content-security-policy")).toContain("default-src 'self'");
    const nothing = await askAs(undefined, "/firmware/images/none/at-all");
    expect([nothing.status, nothing.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
  },
);
