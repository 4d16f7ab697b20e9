import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { clientSilence } from "#core/call/limits.ts";
import { userId } from "#core/messages/values.ts";
import { acceptClient, signOutClients } from "./routes.ts";
import { attached } from "./sockets.ts";
import { records } from "./testing/directory.ts";
import { Browser, house, newCallId, until } from "./testing/house.ts";

const everywhere = { doors: "all" as const, lookedUpAt: Date.now() };

describe("a client's socket", () => {
  it("is not opened from another page", async () => {
    const { organisation } = await house();
    const identity = { userId: userId.parse("u"), name: "U", role: "owner" as const, organisationId: organisation };
    const from = (headers: Record<string, string>) =>
      acceptClient(env, new Request("https://edge/api/live", { headers }), identity, everywhere);
    expect((await from({ upgrade: "websocket", origin: "https://elsewhere.example" })).status).toBe(403);
    expect((await from({ origin: env.PUBLIC_ORIGIN })).status).toBe(426);
  });

  it("must say hello first", async () => {
    const { organisation } = await house();
    const identity = { userId: userId.parse("u"), name: "U", role: "owner" as const, organisationId: organisation };
    const request = new Request("https://edge/api/live", { headers: { upgrade: "websocket" } });
    const { webSocket } = await acceptClient(env, request, identity, everywhere);
    if (!webSocket) throw new Error("no socket");
    const browser = new Browser(webSocket);
    browser.say({ type: "hang-up", callId: newCallId() });
    expect(await browser.inbox.next("error")).toMatchObject({ code: "protocol" });
    expect(await browser.closed).toBe(4400);
  });

  it("answers garbage with an error and goes on", async () => {
    const { browser } = await house();
    const mara = await browser("mara");
    for (const garbage of [
      "",
      "{",
      '{"type":"open-the-safe"}',
      JSON.stringify({ type: "ping", pad: "x".repeat(5_000) }),
    ]) {
      mara.say(garbage);
      expect(await mara.inbox.next("error")).toMatchObject({ code: "bad-message" });
    }
    mara.say('{"type":"ping"}');
    await mara.inbox.next("pong");
  });

  it("is closed when it says too much", async () => {
    const { browser } = await house();
    const mara = await browser("mara");
    for (let n = 0; n < 100; n++) mara.say({ type: "availability", available: true });
    expect(await mara.inbox.next("error")).toMatchObject({ code: "too-many" });
    expect(await mara.closed).toBe(4429);
  });

  it("gives way to a newer one of the same client", async () => {
    const { browser } = await house();
    const old = await browser("mara");
    await browser("mara", { id: old.clientId });
    expect(await old.closed).toBe(4001);
  });

  it("of one person is closed when they sign out, and no other", async () => {
    const { browser, organisation } = await house();
    const [mara, jonas] = [await browser("mara"), await browser("jonas")];
    await signOutClients(env, organisation, userId.parse(`mara ${organisation}`), "all");
    expect(await mara.inbox.next("error")).toMatchObject({ code: "signed-out" });
    expect(await mara.closed).toBe(4401);
    jonas.say('{"type":"ping"}');
    await jonas.inbox.next("pong");
  });

  it("stays open where every other session of the person ends", async () => {
    const { browser, organisation } = await house();
    const [here, elsewhere] = [await browser("mara"), await browser("mara", { session: "elsewhere" })];
    await signOutClients(env, organisation, userId.parse(`mara ${organisation}`), { except: "session of mara" });
    expect(await elsewhere.closed).toBe(4401);
    here.say('{"type":"ping"}');
    await here.inbox.next("pong");
  });

  it("rings only while it says that it is available", async () => {
    const { browser, registered, press } = await house();
    const [mara, jonas] = [await browser("mara"), await browser("jonas")];
    const node = await registered(mara);
    jonas.say({ type: "availability", available: false });
    jonas.say("not a message"); // answered after the line before: the availability has been taken
    await jonas.inbox.next("error");
    press(node);
    const { receivers } = await mara.inbox.next("ring");
    expect(receivers.find((one) => one.name === "jonas")?.fate).toBe("offline");
    expect(jonas.ringing()).toEqual(new Set());
  });

  it("that reconnects while it rings is rung again, with the same leg and a new token", async () => {
    const { browser, registered, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = press(node);
    const first = await mara.inbox.next("ring");
    mara.hangUpSocket();
    const again = await browser("mara", { id: mara.clientId });
    expect(await again.inbox.next("ring")).toMatchObject({
      callId: call,
      legId: first.legId,
      ringUntil: first.ringUntil,
    });
  });

  it("that fell silent is closed while it rings, and the visitor does not wait for it", async () => {
    const { browser, registered, press, organisation } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = press(node);
    await mara.inbox.next("ring");
    await runInDurableObject(env.SWITCHBOARD.getByName(organisation), async (_, ctx) => {
      // As if everything it ever said, its last ping too, lay half a minute back.
      for (const socket of ctx.getWebSockets())
        socket.serializeAttachment({ ...attached(socket), connectedAt: Date.now() - clientSilence - 1 });
    });
    await evictDurableObject(env.SWITCHBOARD.getByName(organisation));
    expect(await mara.closed).toBe(4408);
    expect(await node.inbox.next("end")).toMatchObject({ callId: call, reason: "nobody-available" });
    await until(() => records.get(call));
    expect(records.get(call)).toMatchObject({ outcome: "missed", reason: "nobody-available" });
  });

  it("that reconnects in its call talks on", async () => {
    const { browser, registered, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = press(node);
    const { legId } = await mara.inbox.next("ring");
    mara.say({ type: "answer", callId: call, legId, camera: false });
    const before = await mara.inbox.next("talking");
    mara.hangUpSocket();
    const again = await browser("mara", { id: mara.clientId });
    expect(await again.inbox.next("talking")).toMatchObject({ callId: call, legId, endsAt: before.endsAt });
  });

  it("that is closed in its call and stays away ends it within 10 s, as lost", async () => {
    const { browser, registered, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = press(node);
    const { legId } = await mara.inbox.next("ring");
    mara.say({ type: "answer", callId: call, legId, camera: false });
    await mara.inbox.next("talking");
    const closedAt = Date.now();
    mara.hangUpSocket();
    expect(await node.inbox.next("end")).toMatchObject({ callId: call, reason: "person-lost" });
    expect(Date.now() - closedAt).toBeGreaterThanOrEqual(4_900);
    expect(Date.now() - closedAt).toBeLessThan(10_000);
    const again = await browser("mara", { id: mara.clientId });
    expect(await again.inbox.next("call-end")).toMatchObject({ callId: call, reason: "person-lost" });
    expect(records.get(call)).toMatchObject({ outcome: "answered", reason: "person-lost" });
  });
});

describe("calling a station", () => {
  const call = (browser: Browser, deviceId: Awaited<ReturnType<typeof house>>["door"]) => {
    const requestId = crypto.randomUUID();
    browser.say({ type: "call", requestId, deviceId, camera: false });
    return requestId;
  };

  it("rings it, and talks when it answers", async () => {
    const { browser, registered, door } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const requestId = call(mara, door);
    const calling = await mara.inbox.next("calling");
    expect(calling).toMatchObject({ requestId, deviceId: door, door: "Main entrance" });
    const invite = await node.inbox.next("invite");
    expect(invite).toMatchObject({ callId: calling.callId, caller: calling.legId, callerName: "mara" });
    expect(invite.legId).toBe(calling.media.stationLegId);
    node.say({ type: "station-ringing", callId: invite.callId });
    node.say({ type: "room-ready", callId: invite.callId });
    await mara.inbox.next("media-ready");
    node.say({ type: "station-answered", callId: invite.callId, at: Date.now() });
    await mara.inbox.next("talking");
    node.say({ type: "call-ended", callId: invite.callId, at: Date.now(), reason: "hung-up-by-station" });
    expect(await mara.inbox.next("call-end")).toMatchObject({ reason: "hung-up-by-station" });
    await mara.inbox.next("call-recorded");
    expect(records.get(invite.callId)).toMatchObject({
      direction: "to-station",
      outcome: "placed",
      placedBy: { name: "mara" },
    });
  });

  it("is refused when it is busy, offline, unknown, another house's, or not allowed", async () => {
    const home = await house({ mara: "owner", vera: "viewer" });
    const [mara, vera] = [await home.browser("mara"), await home.browser("vera")];
    const refusal = async (browser: Browser, door = home.door) => {
      call(browser, door);
      return (await browser.inbox.next("call-refused")).reason;
    };
    expect(await refusal(mara)).toBe("unknown");
    expect(await refusal(mara, (await house()).door)).toBe("unknown");
    const node = await home.registered(mara);
    expect(await refusal(vera)).toBe("not-allowed");
    home.press(node);
    await mara.inbox.next("ring");
    await mara.inbox.next("door-state");
    expect(await refusal(mara)).toBe("busy");
    node.say({ type: "unregistered", deviceId: home.door, at: Date.now(), reason: "asked" });
    await mara.inbox.next("door-state");
    expect(await refusal(mara)).toBe("offline");
  });

  it("ends with the station's refusal", async () => {
    const { browser, registered, door } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    call(mara, door);
    const { callId } = await node.inbox.next("invite");
    node.say({ type: "station-refused", callId, sipStatus: 486 });
    expect(await mara.inbox.next("call-end")).toMatchObject({ reason: "declined" });
  });
});
