import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type CallId, userId } from "#core/messages/values.ts";
import { readSnapshot, signedSnapshotUrl, storeSnapshot } from "./snapshots.ts";
import { pictured } from "./testing/directory.ts";
import { house, newCallId, until } from "./testing/house.ts";

const jpeg = (size = 100) => {
  const bytes = new Uint8Array(size);
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  return bytes;
};
const put = (call: CallId, token: string, body: Uint8Array = jpeg(), type = "image/jpeg") =>
  storeSnapshot(
    env,
    call,
    new Request(`https://edge/media-node/snapshots/${call}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": type },
      body,
    }),
  );
const get = (path: string, now = Date.now(), maySee = true) =>
  readSnapshot(env, new Request(new URL(path, "https://edge")), now, async () => maySee);

async function ringing() {
  const home = await house();
  const mara = await home.browser("mara");
  const node = await home.registered(mara);
  const call = home.press(node);
  const { snapshot } = await node.inbox.next("ringing");
  await mara.inbox.next("ring");
  return { mara, door: home.door, node, call, snapshot };
}

describe("a call's picture", () => {
  it("is stored under the call's own token, shown to who rings, and read by a signed address", async () => {
    const { mara, call, snapshot } = await ringing();
    expect(new URL(snapshot.url).pathname).toBe(`/media-node/snapshots/${call}`);
    expect((await put(call, snapshot.token)).status).toBe(204);
    const { snapshotUrl } = await mara.inbox.next("snapshot");
    await until(() => pictured.has(call));
    const response = await get(snapshotUrl);
    expect(response.headers.get("content-type")).toBe("image/jpeg");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(jpeg());
  });

  it("is taken once", async () => {
    const { call, snapshot } = await ringing();
    expect((await put(call, snapshot.token)).status).toBe(204);
    expect((await put(call, snapshot.token)).status).toBe(409);
  });

  it("is refused without the call's token, too large, of another type, or for no call", async () => {
    const { call, snapshot } = await ringing();
    const other = await ringing();
    expect((await put(call, "")).status).toBe(401);
    expect((await put(call, other.snapshot.token)).status).toBe(401);
    expect((await put(newCallId(), snapshot.token)).status).toBe(401);
    expect((await put(call, snapshot.token, jpeg(512 * 1024 + 1))).status).toBe(413);
    expect((await put(call, snapshot.token, jpeg(), "image/png")).status).toBe(415);
    expect((await put(call, snapshot.token, new TextEncoder().encode("<script>"))).status).toBe(415);
  });

  it("is not read with a changed, a borrowed or an expired address, nor by who may not look any more", async () => {
    const { call, door, snapshot } = await ringing();
    await put(call, snapshot.token);
    const now = Date.now();
    const picture = { callId: call, deviceId: door, userId: userId.parse("mara") };
    const good = await signedSnapshotUrl(env, picture, now);
    expect((await get(good, now)).status).toBe(200);
    expect((await get(good, now + 12 * 60_000)).status).toBe(403);
    expect((await get(good.replace(/expires=\d+/, `expires=${now + 86_400_000}`), now)).status).toBe(403);
    expect((await get(good.replace(call, newCallId()), now)).status).toBe(403);
    expect((await get(good, now, false)).status).toBe(403);
    for (const [field, mine] of Object.entries({ door, for: "mara" })) {
      const others = new URL(good, "https://edge");
      expect(others.searchParams.get(field)).toBe(mine);
      others.searchParams.set(field, crypto.randomUUID());
      expect((await get(others.href, now)).status).toBe(403);
    }
    expect((await get(await signedSnapshotUrl(env, { ...picture, callId: newCallId() }, now), now)).status).toBe(404);
  });
});
