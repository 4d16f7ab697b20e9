import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Opener } from "#core/access/door-openers.ts";
import { audited, doors, records, trouble } from "./testing/directory.ts";
import { house, newCommandId, until } from "./testing/house.ts";

describe("opening a door", () => {
  it("fires once however often it is pressed, and everybody sees how far it got", async () => {
    const { browser, registered, door } = await house();
    const [mara, jonas] = [await browser("mara"), await browser("jonas")];
    const node = await registered(mara);
    const commandId = newCommandId();
    const pressedAt = Date.now();
    for (let n = 0; n < 3; n++) mara.say({ type: "open-door", commandId, deviceId: door });
    const command = await node.inbox.next("command");
    expect(command).toMatchObject({ commandId, deviceId: door, output: 1, pulse: 6_000 });
    expect(command.expiresAt - pressedAt).toBeLessThanOrEqual(5_000 + 500);
    const report = (state: "confirmed" | "open") =>
      node.say({ type: "command-state", commandId, deviceId: door, state, at: Date.now() }, 2);
    report("confirmed");
    report("open");
    await until(() => jonas.inbox.of("door-command").length === 3);
    expect(jonas.inbox.of("door-command").map(({ state, by }) => `${state} by ${by}`)).toEqual([
      "sent by mara",
      "confirmed by mara",
      "open by mara",
    ]);
    expect(node.inbox.of("command")).toHaveLength(1);
  });

  it("works before the answer, does not hang up, and is in the call's story", async () => {
    const { browser, registered, door, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const call = press(node);
    await mara.inbox.next("ring");
    const commandId = newCommandId();
    mara.say({ type: "open-door", commandId, deviceId: door, callId: call });
    await node.inbox.next("command");
    expect(mara.ringing()).toEqual(new Set([call]));
    node.say({ type: "caller-left", callId: call, at: Date.now() });
    await mara.inbox.next("call-recorded");
    // The reply comes after the call's end: the record changes, and says so.
    node.say({ type: "command-state", commandId, deviceId: door, state: "confirmed", at: Date.now() });
    await mara.inbox.next("call-recorded");
    const told = records
      .get(call)
      ?.events.flatMap(({ what }) => (what.type === "door" ? [`${what.state} by ${what.by}`] : []));
    expect(told).toEqual(["sent by mara", "confirmed by mara"]);
  });

  it("outside a call is audited step by step, with who, door, command and fate, also past a database that is away", async () => {
    const { browser, registered, door, organisation } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const commandId = newCommandId();
    const lines = () => audited.filter((line) => line.commandId === commandId);
    trouble.saves = 1;
    mara.say({ type: "open-door", commandId, deviceId: door });
    await node.inbox.next("command");
    node.say({ type: "command-state", commandId, deviceId: door, state: "confirmed", at: Date.now() }, 2);
    await until(() => lines().length === 2);
    const userId = `mara ${organisation}`;
    expect(lines()).toMatchObject([
      { organisationId: organisation, deviceId: door, by: "mara", userId, state: "sent" },
      { organisationId: organisation, deviceId: door, by: "mara", userId, state: "confirmed" },
    ]);
  });

  it("at a door that is not there is tried and refused, and its line of the audit holds up no other", async () => {
    const { browser, registered, door } = await house();
    const mara = await browser("mara");
    await registered(mara);
    const [nowhere, here] = [newCommandId(), newCommandId()];
    mara.say({ type: "open-door", commandId: nowhere, deviceId: (await house()).door });
    expect(await mara.inbox.next("door-command")).toMatchObject({ state: "refused", reason: "not-allowed" });
    mara.say({ type: "open-door", commandId: here, deviceId: door });
    await until(() => audited.some(({ commandId }) => commandId === here));
    expect(audited.find(({ commandId }) => commandId === nowhere)).toMatchObject({ state: "refused" });
  });

  it("is refused to a role that may not, though its member says so itself", async () => {
    const { browser, registered, door } = await house({ mara: "owner", vera: "viewer" });
    const [mara, vera] = [await browser("mara"), await browser("vera")];
    const node = await registered(mara);
    vera.say({ type: "open-door", commandId: newCommandId(), deviceId: door });
    expect(await vera.inbox.next("door-command")).toMatchObject({ state: "refused", reason: "not-allowed" });
    expect(node.inbox.of("command")).toEqual([]);
  });

  it("opens to each by the opener that is for them, and says in the ring whether there is one", async () => {
    const { browser, registered, door, press } = await house({ mara: "owner", jonas: "operator", lena: "resident" });
    const [mara, jonas, lena] = [await browser("mara"), await browser("jonas"), await browser("lena")];
    const node = await registered(mara);
    const context = doors.get(door);
    const [street] = context?.openers ?? [];
    if (!context || !street) throw new Error("no door");
    const openers: Opener[] = [
      { ...street, openedBy: { roles: ["owner"], people: [] } },
      { ...street, output: 2, name: "Wicket", openedBy: { roles: ["owner", "operator"], people: [] } },
    ];
    doors.set(door, { ...context, openers });
    press(node);
    const rings = await Promise.all([mara, jonas, lena].map(({ inbox }) => inbox.next("ring")));
    expect(rings.map(({ mayOpen }) => mayOpen)).toEqual([true, true, false]);

    const open = (who: typeof mara, output?: number) =>
      who.say({ type: "open-door", commandId: newCommandId(), deviceId: door, output });
    const refused = async (by: string) => {
      for (;;) {
        const command = await mara.inbox.next("door-command");
        if (command.by === by && command.state !== "sent") return [command.state, command.reason];
      }
    };
    open(lena);
    expect(await refused("lena")).toEqual(["refused", "not-allowed"]);
    open(jonas, 1);
    expect(await refused("jonas")).toEqual(["refused", "not-allowed"]);
    // Where the database does not answer it stays as the call found it.
    trouble.lookups = 1;
    open(lena, 2);
    expect(await refused("lena")).toEqual(["refused", "not-allowed"]);
    open(jonas);
    expect(await node.inbox.next("command")).toMatchObject({ output: 2 });
    open(mara);
    expect(await node.inbox.next("command")).toMatchObject({ output: 1 });
  });

  it("is refused to one whose role was taken away after signing in", async () => {
    const { browser, registered, door } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const context = doors.get(door);
    if (!context) throw new Error("no door");
    doors.set(door, { ...context, members: context.members.filter((member) => member.name !== "mara") });
    mara.say({ type: "open-door", commandId: newCommandId(), deviceId: door });
    expect(await mara.inbox.next("door-command")).toMatchObject({ state: "refused", reason: "not-allowed" });
    expect(node.inbox.of("command")).toEqual([]);
  });

  it("fails at once when the media node is away, and is not sent when it returns", async () => {
    const { browser, registered, door } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    node.drop();
    await until(() =>
      env.MEDIA_NODE_LINK.getByName(node.name)
        .isUp()
        .then((up) => !up),
    );
    mara.say({ type: "open-door", commandId: newCommandId(), deviceId: door });
    await mara.inbox.next("door-command");
    expect(await mara.inbox.next("door-command")).toMatchObject({ state: "failed", reason: "offline" });
    await node.relink();
    node.hello({ registrations: [{ deviceId: door, contact: "none", since: Date.now() }] });
    await node.inbox.next("welcome");
    mara.say({ type: "open-door", commandId: newCommandId(), deviceId: door });
    await node.inbox.next("command");
    expect(node.inbox.of("command")).toHaveLength(1);
  });

  it("fails when the station does not reply within its life; a late confirmation is still shown", async () => {
    const { browser, registered, door, organisation } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    const commandId = newCommandId();
    mara.say({ type: "open-door", commandId, deviceId: door });
    await node.inbox.next("command");
    await runInDurableObject(env.SWITCHBOARD.getByName(organisation), async (_, ctx) => {
      ctx.storage.sql.exec("UPDATE door_commands SET reply_until = ?", Date.now());
      await ctx.storage.setAlarm(Date.now());
    });
    await mara.inbox.next("door-command");
    expect(await mara.inbox.next("door-command")).toMatchObject({ state: "failed", reason: "no-reply" });
    node.say({ type: "command-state", commandId, deviceId: door, state: "confirmed", at: Date.now() });
    expect(await mara.inbox.next("door-command")).toMatchObject({ state: "confirmed" });
  });

  it("works in a call although the database does not answer", async () => {
    const { browser, registered, door, press } = await house();
    const mara = await browser("mara");
    const node = await registered(mara);
    press(node);
    await mara.inbox.next("ring");
    await mara.inbox.next("door-state");
    trouble.lookups = 1;
    mara.say({ type: "open-door", commandId: newCommandId(), deviceId: door });
    expect(await node.inbox.next("command")).toMatchObject({ output: 1, pulse: 6_000 });
  });
});

describe("a door's state", () => {
  it("is live: online, its contact, ringing, talking with whom, free, offline", async () => {
    const { browser, registered, door, press } = await house();
    const [mara, jonas] = [await browser("mara"), await browser("jonas")];
    const node = await registered(mara);
    expect(await jonas.inbox.next("door-state")).toMatchObject({
      door: { deviceId: door, online: true, contact: "none" },
    });
    node.say({ type: "contact", deviceId: door, contact: "closed", at: Date.now() });
    expect(await jonas.inbox.next("door-state")).toMatchObject({ door: { contact: "closed" } });
    const call = press(node);
    expect(await jonas.inbox.next("door-state")).toMatchObject({ door: { call: { callId: call, phase: "ringing" } } });
    const { legId } = await mara.inbox.next("ring");
    mara.say({ type: "answer", callId: call, legId, camera: false });
    expect(await jonas.inbox.next("door-state")).toMatchObject({ door: { call: { phase: "talking", with: "mara" } } });
    mara.say({ type: "hang-up", callId: call });
    expect((await jonas.inbox.next("door-state")).door.call).toBeUndefined();
    node.say({ type: "unregistered", deviceId: door, at: Date.now(), reason: "flow-lost" });
    expect(await jonas.inbox.next("door-state")).toMatchObject({ door: { online: false } });
  });
});
