/** What a person loses is gone at once: their sockets, their ringing, their talk. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { userId } from "#core/messages/values.ts";
import { acceptClient, accessChanged } from "./routes.ts";
import { doors } from "./testing/directory.ts";
import { house, until } from "./testing/house.ts";

/** As the database says it from now on: this member reaches the door no more. */
function takeAway(door: Awaited<ReturnType<typeof house>>["door"], name: string) {
  const context = doors.get(door);
  const member = context?.members.find((one) => one.name === name);
  if (!context || !member) throw new Error(`no member ${name}`);
  doors.set(door, { ...context, members: context.members.filter((one) => one !== member) });
  return member.userId;
}

it("who is removed while it rings is cut off, and taken out of the room; the others ring on", async () => {
  const { organisation, door, browser, registered, press } = await house();
  const [mara, jonas] = [await browser("mara"), await browser("jonas")];
  const node = await registered(mara);
  press(node);
  const [ring] = [await jonas.inbox.next("ring"), await mara.inbox.next("ring")];
  await accessChanged(env, organisation, takeAway(door, "jonas"));
  expect(await jonas.closed).toBe(4409);
  expect(await node.inbox.next("dismiss")).toMatchObject({ callId: ring.callId, listeners: [ring.legId] });
  const { receivers } = await mara.inbox.next("receivers");
  expect(receivers).toContainEqual(expect.objectContaining({ name: "jonas", fate: "not-allowed" }));
  expect(mara.ringing()).toEqual(new Set([ring.callId]));
});

it("who is removed in a talk is out of it at once", async () => {
  const { organisation, door, browser, registered, press } = await house();
  const [mara, jonas] = [await browser("mara"), await browser("jonas")];
  const node = await registered(mara);
  const call = press(node);
  const { legId } = await jonas.inbox.next("ring");
  jonas.say({ type: "answer", callId: call, legId, camera: false });
  await node.inbox.next("answer");
  await accessChanged(env, organisation, takeAway(door, "jonas"));
  expect(await node.inbox.next("end")).toMatchObject({ callId: call, reason: "person-lost" });
  expect(await jonas.closed).toBe(4409);
});

it("whose role changed for another that may answer comes back, and talks on", async () => {
  const { organisation, door, browser, registered, press } = await house();
  const jonas = await browser("jonas");
  const node = await registered(jonas);
  const call = press(node);
  const { legId } = await jonas.inbox.next("ring");
  jonas.say({ type: "answer", callId: call, legId, camera: false });
  await jonas.inbox.next("talking");
  const userId = doors.get(door)?.members.find(({ name }) => name === "jonas")?.userId;
  if (!userId) throw new Error("no Jonas");
  await accessChanged(env, organisation, userId);
  expect(await jonas.closed).toBe(4409);
  const back = await browser("jonas", { id: jonas.clientId, inbox: jonas.inbox });
  expect(await back.inbox.next("talking")).toMatchObject({ callId: call });
  expect(node.inbox.of("end")).toEqual([]);
});

it("who asked to come in before a change does not come in after it, but again", async () => {
  const { organisation, door, browser } = await house();
  const lookedUpAt = Date.now();
  await accessChanged(env, organisation, takeAway(door, "jonas"));
  const identity = { userId: userId.parse(`jonas ${organisation}`), name: "jonas", role: "operator" as const };
  const request = new Request("https://edge/api/live", { headers: { upgrade: "websocket" } });
  const asked = { ...identity, organisationId: organisation };
  const late = await acceptClient(env, request, asked, { doors: [door], lookedUpAt });
  expect(late.status).toBe(409);
  await until(() => Date.now() > lookedUpAt);
  expect((await browser("jonas", { reach: [] })).inbox.of("welcome")).toHaveLength(1);
});

it("who gets to a door until a moment is cut off at that moment", async () => {
  const { browser, registered } = await house();
  const [mara, jonas] = [await browser("mara"), await browser("jonas", { until: Date.now() + 500 })];
  await registered(mara);
  expect(await jonas.closed).toBe(4409);
});

it("who does not get to a door sees nothing of it, and opens and calls nothing there", async () => {
  const { door, browser, registered, press } = await house();
  takeAway(door, "jonas");
  const [mara, jonas] = [await browser("mara"), await browser("jonas", { reach: [] })];
  const node = await registered(mara);
  press(node);
  await mara.inbox.next("ring");
  const commandId = crypto.randomUUID();
  const requestId = crypto.randomUUID();
  jonas.say(JSON.stringify({ type: "open-door", commandId, deviceId: door }));
  jonas.say(JSON.stringify({ type: "call", requestId, deviceId: door, camera: false }));
  expect(await jonas.inbox.next("call-refused")).toMatchObject({ requestId, reason: "unknown" });
  expect(await mara.inbox.next("door-command")).toMatchObject({ commandId, state: "refused", reason: "not-allowed" });
  // Who asks is answered, as for a door that is none, and hears of nothing else.
  expect(jonas.inbox.all.map(({ type }) => type)).toEqual(["welcome", "door-command", "call-refused"]);
  expect(jonas.inbox.of("door-command")).toMatchObject([{ commandId, state: "refused", reason: "not-allowed" }]);
  expect(jonas.inbox.of("welcome")).toMatchObject([{ doors: [] }]);
});
