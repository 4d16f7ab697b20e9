import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { CallState } from "#core/call/state.ts";
import { acceptMediaNode } from "./routes.ts";
import { records } from "./testing/directory.ts";
import { house, MediaNode, newCallId, until } from "./testing/house.ts";

const isDown = (name: string) =>
  until(() =>
    env.MEDIA_NODE_LINK.getByName(name)
      .isUp()
      .then((up) => !up),
  );
const recorded = (call: string) => until(() => records.get(call));

/** A call that mara talks in. */
async function talk() {
  const home = await house();
  const mara = await home.browser("mara");
  const node = await home.registered(mara);
  const call = home.press(node);
  const { legId } = await mara.inbox.next("ring");
  mara.say({ type: "answer", callId: call, legId, camera: false });
  await mara.inbox.next("talking");
  await node.inbox.next("answer");
  node.say({ type: "answered", callId: call, at: Date.now() });
  return { ...home, mara, node, call };
}

describe("the media node's link", () => {
  it("keeps what the gateway missed and sends it after the reconnect, in order and once", async () => {
    const { mara, node, call } = await talk();
    node.drop();
    await isDown(node.name);
    mara.say({ type: "hang-up", callId: call });
    await mara.inbox.next("call-end");
    await node.relink();
    node.hello();
    // The call has ended meanwhile: it is named to be ended, and its own message comes too.
    await node.inbox.next("welcome");
    expect(await node.inbox.next("end")).toMatchObject({ callId: call, reason: "hung-up-by-person" });
  });

  it("names calls that ended while it was away", async () => {
    const { mara, node, call, door } = await talk();
    node.drop();
    await isDown(node.name);
    mara.say({ type: "hang-up", callId: call });
    await recorded(call);
    await node.relink();
    node.hello({ liveCalls: [{ callId: call, deviceId: door, phase: "talking" }] });
    await until(() => node.inbox.of("welcome").length === 2);
    expect(node.inbox.of("welcome")[1]?.endCalls).toEqual([call]);
  });

  it("does not end a press that is still on its way", async () => {
    const { browser, registered, door, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    node.drop();
    await isDown(node.name);
    await node.relink();
    const call = newCallId();
    node.hello({ liveCalls: [{ callId: call, deviceId: door, phase: "ringing" }] });
    await until(() => node.inbox.of("welcome").length === 2);
    expect(node.inbox.of("welcome")[1]?.endCalls).toEqual([]);
    press(node, call);
    expect(await mara.inbox.next("ring")).toMatchObject({ callId: call });
  });

  it("ends no call by being lost alone", async () => {
    const { mara, node, call, door } = await talk();
    node.drop();
    await isDown(node.name);
    await node.relink();
    node.hello({ liveCalls: [{ callId: call, deviceId: door, phase: "talking" }] });
    await until(() => node.inbox.of("welcome").length === 2);
    mara.say({ type: "media", callId: call, flowing: false });
    mara.say({ type: "hang-up", callId: call });
    expect(await mara.inbox.next("call-end")).toMatchObject({ reason: "hung-up-by-person" });
  });

  it("that stays away while the browser hears nothing ends the call as broken, within 5 s", async () => {
    const { mara, node, call } = await talk();
    const died = Date.now();
    node.drop();
    mara.say({ type: "media", callId: call, flowing: false });
    expect(await mara.inbox.next("call-end")).toMatchObject({ reason: "media-node-lost" });
    expect(Date.now() - died).toBeLessThan(5_000);
    expect(await recorded(call)).toMatchObject({ outcome: "broken", answeredBy: { name: "mara" } });
  });

  it("tells its calls that it is lost, and that it is back", async () => {
    const { node, call, door } = await talk();
    const lostAt = () =>
      runInDurableObject(
        env.CALL_SESSION.getByName(call),
        (_, ctx) => ctx.storage.kv.get<CallState>("state")?.linkLostAt,
      );
    node.drop();
    await until(async () => (await lostAt()) !== undefined);
    await node.relink();
    node.hello({ liveCalls: [{ callId: call, deviceId: door, phase: "talking" }] });
    await until(async () => (await lostAt()) === undefined);
  });

  it("of a gateway that started anew ends every call of the old one as broken", async () => {
    const { mara, node, call } = await talk();
    node.drop();
    const request = new Request(`https://edge/media-node/link?node=${node.name}`, {
      headers: { upgrade: "websocket", authorization: `Bearer ${env.MEDIA_NODE_TOKEN}` },
    });
    const { webSocket } = await acceptMediaNode(env, request);
    if (!webSocket) throw new Error("no socket");
    new MediaNode(node.name, webSocket).hello();
    expect(await mara.inbox.next("call-end")).toMatchObject({ reason: "media-node-lost" });
    expect(await recorded(call)).toMatchObject({ outcome: "broken", reason: "media-node-lost" });
  });

  it("closes on what it does not understand, and takes nothing from it", async () => {
    const { registered, browser } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    node.sayRaw('{"seq":2,"ack":0,"body":{"type":"press"}}');
    await isDown(node.name);
    expect(mara.inbox.of("ring")).toEqual([]);
  });

  it("takes a device's registrations from the hello, and sees in it who is gone", async () => {
    const { browser, registered, door } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    node.drop();
    await isDown(node.name);
    await node.relink();
    node.hello({ registrations: [] });
    expect(await mara.inbox.next("door-state")).toMatchObject({ door: { deviceId: door, online: false } });
    node.drop();
    await isDown(node.name);
    await node.relink();
    node.hello({ registrations: [{ deviceId: door, contact: "closed", since: 5 }] });
    expect(await mara.inbox.next("door-state")).toMatchObject({ door: { online: true, since: 5 } });
    expect(await mara.inbox.next("door-state")).toMatchObject({ door: { contact: "closed" } });
  });
});
