/** What a broker brings from many devices at once, through the real worker and database. */
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { largestEvents, mostEvents } from "#core/messages/broker-link.ts";
import type { UpMessage } from "#core/messages/device.ts";
import { deviceId } from "#core/messages/values.ts";
import { deviceConfiguration } from "#db/schema/configuration.ts";
import { device } from "#db/schema/device.ts";
import { bringAll } from "../testing/broker.ts";
import { fleetOf } from "../testing/fleet.ts";
import { Portal } from "../testing/portal.ts";

const node = "node-a";
const reported = (version: number, configuration: { name?: string } = {}): UpMessage => ({
  kind: "reported",
  body: { version, configuration, firmware: `3.${version}` },
});

async function fleet(count: number) {
  const made = await fleetOf(count, "elsewhere");
  const stored = async () => {
    const c = deviceConfiguration;
    const rows = await made.db
      .select({
        id: c.deviceId,
        at: c.connectedTo,
        version: c.reportedVersion,
        sent: c.sentVersion,
        firmware: device.firmware,
      })
      .from(c)
      .innerJoin(device, eq(device.id, c.deviceId))
      .where(eq(c.organisationId, made.organisationId))
      .orderBy(c.deviceId);
    return rows.map(({ id: _, ...row }) => row);
  };
  return { ...made, stored };
}

it("stores what the devices of several organisations said, and answers each with what it is to be", async () => {
  const [one, other] = [await fleet(3), await fleet(2)];
  const stranger = deviceId.parse(crypto.randomUUID());
  const ids = [...one.ids, stranger, ...other.ids];
  const outcomes = await bringAll(
    [
      ...ids.map((id) => ({ deviceId: id, event: { kind: "came" as const } })),
      ...ids.map((id) => ({ deviceId: id, event: reported(0) })),
    ],
    node,
  );
  expect(outcomes.map(({ outcome }, at) => [ids[at % ids.length] === stranger, outcome])).toEqual(
    outcomes.map((_, at) => (at % ids.length === 3 ? [true, "unknown-device"] : [false, "stored"])),
  );
  const told = outcomes.slice(ids.length).flatMap((one) => (one.outcome === "stored" ? [one.desired] : []));
  expect(told.map((desired) => [desired?.version, desired?.configuration.name])).toEqual(
    ["Door 0", "Door 1", "Door 2", "Door 0", "Door 1"].map((name) => [1, name]),
  );
  const row = { at: node, version: 0, sent: 1, firmware: "3.0" };
  expect([await one.stored(), await other.stored()]).toEqual([Array(3).fill(row), Array(2).fill(row)]);
});

it("takes nothing of a device for the house that gave it up", async () => {
  const { db, ids } = await fleet(1);
  const [id = ""] = ids;
  await db.update(device).set({ releasedAt: new Date() }).where(eq(device.id, id));
  expect(await bringAll([{ deviceId: deviceId.parse(id), event: reported(0) }], node)).toMatchObject([
    { outcome: "unknown-device" },
  ]);
});

it("takes what one device said in its order, whatever others said in between", async () => {
  const { ids, stored } = await fleet(2);
  const [left, back] = ids;
  if (!left || !back) throw new Error("no devices");
  const say = (id: typeof left, ...events: (UpMessage | { kind: "came" | "went" })[]) =>
    events.map((event) => ({ deviceId: id, event }));
  const [a, b] = [
    say(left, { kind: "came" }, reported(0), reported(1), { kind: "went" }),
    say(back, { kind: "came" }, reported(1), { kind: "went" }, { kind: "came" }),
  ];
  await bringAll(
    a.flatMap((event, at) => [event, ...b.slice(at, at + 1)]),
    node,
  );
  expect((await stored()).map(({ at, version }) => [at, version])).toEqual([
    [null, 1],
    [node, 1],
  ]);
});

it("fails for the one that can't be stored, and for no other that came with it", async () => {
  const { ids, stored } = await fleet(3);
  const outcomes = await bringAll(
    // Postgres takes no such letter.
    ids.map((id, at) => ({ deviceId: id, event: reported(1, at === 1 ? { name: "\u0000" } : {}) })),
    node,
  );
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(["stored", "failed", "stored"]);
  expect((await stored()).map(({ version }) => version)).toEqual([1, null, 1]);
});

it("takes no more than fits, and nothing of a stranger, whatever they send", async () => {
  const ask = async (token: string, body: object) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await new Portal().ask("/media-node/devices/events", { body, headers })).status;
  };
  const event = { deviceId: crypto.randomUUID(), event: { kind: "came" } };
  const { MEDIA_NODE_TOKEN: token } = env;
  expect(await ask(token, { node, events: Array(mostEvents).fill(event) })).toBe(200);
  expect(await ask(token, { node, events: Array(mostEvents + 1).fill(event) })).toBe(400);
  expect(await ask(token, { node, events: ["x".repeat(largestEvents)] })).toBe(413);
  expect(await ask("another", { node, events: ["x".repeat(largestEvents)] })).toBe(401);
});
