import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { CallState } from "#core/call/state.ts";
import type { CallId } from "#core/messages/values.ts";
import { doors, records, saved, trouble } from "./testing/directory.ts";
import { house, newCallId, until } from "./testing/house.ts";

const grantsOf = (token: string) =>
  JSON.parse(atob(token.split(".")[1] ?? "")) as {
    exp: number;
    nbf: number;
    sub: string;
    video: { room: string; canPublish: boolean; canSubscribe: boolean };
  };
const stateOf = (call: CallId) =>
  runInDurableObject(env.CALL_SESSION.getByName(call), (_, ctx) => ctx.storage.kv.get<CallState>("state"));
const recorded = (call: CallId) => until(() => records.get(call));

describe("a call whose object was made ahead", () => {
  const tables = (call: CallId) =>
    runInDurableObject(
      env.CALL_SESSION.getByName(call),
      (_, ctx) => ctx.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'outbox'").toArray().length,
    );

  it("rings as any other", async () => {
    const { browser, registered, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = newCallId();
    node.say({ type: "next-call", callId: call });
    press(node, call);
    expect(await mara.inbox.next("ring")).toMatchObject({ callId: call });
    expect(await node.inbox.next("ringing")).toMatchObject({ callId: call });
  });

  it("leaves nothing behind where no call comes for long, and rings where one comes after all", async () => {
    const { browser, registered, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = newCallId();
    node.say({ type: "next-call", callId: call });
    await until(async () => (await tables(call)) === 1);
    expect(await until(() => runDurableObjectAlarm(env.CALL_SESSION.getByName(call)))).toBe(true);
    expect(await tables(call)).toBe(0);
    press(node, call);
    expect(await mara.inbox.next("ring")).toMatchObject({ callId: call });
  });
});

describe("answering", () => {
  it("rings both browsers; the first to answer talks, the other is told who did", async () => {
    const { browser, registered, press } = await house();
    const [mara, jonas] = [await browser("mara"), await browser("jonas")];
    const node = await registered(mara);
    const call = press(node);
    const [hers, his] = [await mara.inbox.next("ring"), await jonas.inbox.next("ring")];
    expect(hers).toMatchObject({
      callId: call,
      door: "Main entrance",
      site: "Lindenhof 4",
      button: "Reception",
      mayOpen: true,
    });
    expect(hers.receivers.map((one) => one.name).sort()).toEqual(["jonas", "mara"]);
    const ringing = await node.inbox.next("ringing");
    expect([...ringing.listeners].sort()).toEqual([hers.legId, his.legId].sort());

    mara.say({ type: "rang", callId: call, legId: hers.legId });
    jonas.say({ type: "answer", callId: call, legId: his.legId, camera: false });
    expect(await mara.inbox.next("ring-end")).toMatchObject({ reason: "answered-elsewhere", by: "jonas" });
    const talking = await jonas.inbox.next("talking");
    expect(talking.endsAt - talking.answeredAt).toBe(600_000);
    expect(await node.inbox.next("answer")).toMatchObject({ callId: call, winner: his.legId });

    mara.say({ type: "answer", callId: call, legId: hers.legId, camera: false });
    await mara.inbox.next("answer-refused");
    jonas.say({ type: "hang-up", callId: call });
    expect(await jonas.inbox.next("call-end")).toMatchObject({ reason: "hung-up-by-person" });
    expect(await node.inbox.next("end")).toMatchObject({ callId: call });
    await mara.inbox.next("call-recorded");
    expect(records.get(call)).toMatchObject({ outcome: "answered", answeredBy: { name: "jonas" } });
    expect(
      records
        .get(call)
        ?.legs.map((leg) => `${leg.name} ${leg.fate}`)
        .sort(),
    ).toEqual(["jonas answered", "mara rang"]);
  });

  it("lets a ringing browser hear and see but send nothing, for a minute; the winner may send", async () => {
    const { browser, registered, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = press(node);
    const ring = await mara.inbox.next("ring");
    const ringing = grantsOf(ring.media.token);
    expect(ringing).toMatchObject({ sub: ring.legId, video: { room: call, canPublish: false, canSubscribe: true } });
    expect(ringing.exp - ringing.nbf).toBeLessThanOrEqual(60);
    mara.say({ type: "answer", callId: call, legId: ring.legId, camera: true });
    const { media } = await mara.inbox.next("talking");
    const talking = grantsOf(media.token);
    expect(talking).toMatchObject({ sub: ring.legId, video: { room: call, canPublish: true } });
    expect(talking.exp - talking.nbf).toBeLessThanOrEqual(60);
  });

  it("rings at most 32 browsers, and everybody's first before anybody's second", async () => {
    const names = Array.from({ length: 31 }, (_, n) => `person ${n}`);
    const { browser, registered, press } = await house(Object.fromEntries(names.map((name) => [name, "operator"])));
    const twice = ["person 0", "person 1", "person 2"];
    const browsers = await Promise.all([...twice, ...names].map((name) => browser(name)));
    const [first] = browsers;
    if (!first) throw new Error("nobody");
    const node = await registered(first);
    const call = press(node);
    expect((await node.inbox.next("ringing")).listeners).toHaveLength(32);
    await until(() => browsers.filter((one) => one.ringing().has(call)).length === 32);
    node.say({ type: "caller-left", callId: call, at: Date.now() });
    const { legs } = await recorded(call);
    expect(legs.filter(({ fate }) => fate === "told")).toHaveLength(32);
    expect(new Set(legs.map(({ name }) => name))).toEqual(new Set(names));
    // Over: whoever did not ring by now never did.
    expect(browsers.filter((one) => one.inbox.of("ring").length > 0)).toHaveLength(32);
  });

  it("goes on ringing in one browser when the other declines", async () => {
    const { browser, registered, press } = await house();
    const [mara, jonas] = [await browser("mara"), await browser("jonas")];
    const node = await registered(mara);
    const call = press(node);
    const [hers, his] = [await mara.inbox.next("ring"), await jonas.inbox.next("ring")];
    mara.say({ type: "decline", callId: call, legId: hers.legId });
    expect(await mara.inbox.next("ring-end")).toMatchObject({ reason: "declined" });
    const { receivers } = await jonas.inbox.next("receivers");
    expect(receivers.find((one) => one.name === "mara")?.fate).toBe("declined");
    expect(jonas.ringing()).toEqual(new Set([call]));
    jonas.say({ type: "decline", callId: call, legId: his.legId });
    expect(await node.inbox.next("end")).toMatchObject({ reason: "declined" });
    expect(await recorded(call)).toMatchObject({ outcome: "missed", reason: "declined" });
  });

  it("takes a press that comes twice once, and rings once", async () => {
    const { browser, registered, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = press(node, newCallId(), 2);
    const ring = await mara.inbox.next("ring");
    node.say({ type: "caller-left", callId: call, at: Date.now() }, 3);
    expect(await mara.inbox.next("ring-end")).toMatchObject({ callId: call, reason: "caller-left" });
    await recorded(call);
    expect(mara.inbox.of("ring").map((one) => one.legId)).toEqual([ring.legId]);
    expect(
      records
        .get(call)
        ?.legs.map((leg) => leg.name)
        .sort(),
    ).toEqual(["jonas", "mara"]);
  });

  it("refuses a press when nobody is available, and records it as missed with every fate", async () => {
    const { browser, registered, press } = await house({ mara: "owner", vera: "viewer", otto: "operator" });
    const [mara] = [await browser("mara", { available: false }), await browser("vera")];
    const node = await registered(mara);
    const call = press(node);
    expect(await node.inbox.next("end")).toMatchObject({ callId: call, reason: "nobody-available" });
    const record = await recorded(call);
    expect(record.legs.map((leg) => `${leg.name} ${leg.fate}`).sort()).toEqual([
      "mara offline",
      "otto offline",
      "vera not-allowed",
    ]);
  });

  it("never lets one house see, ring, answer or open another's", async () => {
    const [ours, theirs] = [await house(), await house()];
    const [mara, stranger] = [await ours.browser("mara"), await theirs.browser("mara")];
    const node = await ours.registered(mara);
    const call = ours.press(node);
    const ring = await mara.inbox.next("ring");
    stranger.say({ type: "answer", callId: call, legId: ring.legId, camera: false });
    stranger.say({ type: "hang-up", callId: call });
    const command = crypto.randomUUID();
    stranger.say(JSON.stringify({ type: "open-door", commandId: command, deviceId: ours.door }));
    expect(await stranger.inbox.next("door-command")).toMatchObject({ state: "refused", reason: "not-allowed" });
    expect((await stateOf(call))?.phase).toBe("ringing");
    expect(stranger.inbox.all.map((message) => message.type)).toEqual(["welcome", "door-command"]);
    expect(node.inbox.of("command")).toEqual([]);
  });

  it("holds through an eviction of every object in mid-call", async () => {
    const { browser, registered, press, organisation } = await house();
    const [mara, jonas] = [await browser("mara"), await browser("jonas")];
    const node = await registered(mara);
    const evict = async (call: CallId) => {
      await evictDurableObject(env.CALL_SESSION.getByName(call));
      await evictDurableObject(env.SWITCHBOARD.getByName(organisation));
      await evictDurableObject(env.MEDIA_NODE_LINK.getByName(node.name));
    };
    const call = press(node);
    const ring = await mara.inbox.next("ring");
    await jonas.inbox.next("ring");
    await node.inbox.next("ringing");
    await evict(call);
    mara.say({ type: "answer", callId: call, legId: ring.legId, camera: false });
    await mara.inbox.next("talking");
    expect(await jonas.inbox.next("ring-end")).toMatchObject({ by: "mara" });
    await node.inbox.next("answer");
    await evict(call);
    node.say({ type: "call-ended", callId: call, at: Date.now(), reason: "hung-up-by-station" });
    expect(await mara.inbox.next("call-end")).toMatchObject({ reason: "hung-up-by-station" });
    expect(await recorded(call)).toMatchObject({ outcome: "answered", reason: "hung-up-by-station" });
  });

  it("records a call although the database failed at first", async () => {
    const { browser, registered, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = press(node);
    await mara.inbox.next("ring");
    trouble.saves = 2;
    node.say({ type: "caller-left", callId: call, at: Date.now() });
    await mara.inbox.next("ring-end");
    expect(await recorded(call)).toMatchObject({ reason: "caller-left" });
  });

  it("tries once and no more to record a call whose door was removed meanwhile", async () => {
    const { browser, registered, press, door } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = press(node);
    await mara.inbox.next("ring");
    doors.delete(door);
    node.say({ type: "caller-left", callId: call, at: Date.now() });
    const waiting = () =>
      runInDurableObject(env.CALL_SESSION.getByName(call), (_, ctx) =>
        ctx.storage.sql.exec("SELECT lane FROM outbox").toArray(),
      );
    await until(async () => saved.includes(call) && (await waiting()).length === 0);
    expect(saved.filter((one) => one === call)).toHaveLength(1);
    expect(records.has(call)).toBe(false);
  });

  it("ends the ringing by its stored deadline", async () => {
    const { browser, registered, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = press(node);
    await mara.inbox.next("ring");
    await node.inbox.next("ringing");
    const session = env.CALL_SESSION.getByName(call);
    await runInDurableObject(session, async (_, ctx) => {
      const state = ctx.storage.kv.get<CallState>("state");
      if (!state) throw new Error("no state");
      // As stored, the alarm stands no later than the ring time-out.
      expect(await ctx.storage.getAlarm()).toBeLessThanOrEqual(state.ringUntil);
      ctx.storage.kv.put("state", { ...state, ringUntil: Date.now() });
      await ctx.storage.setAlarm(Date.now());
    });
    expect(await mara.inbox.next("ring-end")).toMatchObject({ reason: "no-answer" });
    expect(await node.inbox.next("end")).toMatchObject({ reason: "no-answer" });
    expect((await recorded(call)).outcome).toBe("missed");
  });
});
