import { eq } from "drizzle-orm";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandId, deviceId, userId } from "#core/messages/values.ts";
import { isOrphan } from "../orphan.ts";
import { user } from "../schema/account.ts";
import { auditLine } from "../schema/call.ts";
import { device } from "../schema/device.ts";
import { organisation } from "../schema/organisation.ts";
import { startTestDatabase, type TestDatabase } from "../testing/database.ts";
import { makeHouse, recordOf } from "../testing/house.ts";
import { countAttempt, forgetAttempts, takeBackAttempt } from "./attempts.ts";
import { callContext, callDetail, callList, saveCall, saveDoorCommand, saveSnapshot, seesCall } from "./calls.ts";
import { doorList, ensureVirtualStation } from "./devices.ts";
import { expiredCalls, forgetCalls, withExpiredCalls } from "./expired.ts";
import { holderOf } from "./identities.ts";
import { foundOrganisation, identityOfSession } from "./members.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
}, 60_000);
afterAll(() => database?.close());

const page = { limit: 50 };

/** The organisations that somebody founded, whoever may see them, and what they are there. */
async function founded(by: string) {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  const { rows } = await client.query(
    "select o.name, m.role from organisation o left join member m on m.organisation_id = o.id where o.founded_by = $1",
    [by],
  );
  await client.end();
  return rows;
}

describe("a press", () => {
  it("finds the door, its buttons, its output and its organisation's members", async () => {
    const { db } = database;
    const house = await makeHouse(db, { Mara: "owner", Jonas: "operator" });
    await makeHouse(db, { Stranger: "owner" });
    expect(await callContext(db, house.door, Date.now())).toEqual({
      organisationId: house.organisationId,
      deviceId: house.door,
      door: "Main entrance",
      site: "Lindenhof 4",
      buttons: [{ key: "reception", label: "Reception" }],
      openers: [{ output: 1, name: "Street door", pulse: 6_000, confirm: "hold", openedBy: "everybody" }],
      members: expect.arrayContaining([
        { userId: house.people[0]?.id, name: "Mara", role: "owner" },
        { userId: house.people[1]?.id, name: "Jonas", role: "operator" },
      ]),
    });
    expect((await callContext(db, house.door, Date.now()))?.members).toHaveLength(2);
  });

  it("of a device that nobody owns finds nothing", async () => {
    expect(await callContext(database.db, deviceId.parse(crypto.randomUUID()), 0)).toBeUndefined();
  });

  it("of a device that was given up finds nothing, and the calls that were at it stay whose they are", async () => {
    const { db } = database;
    const { db: own, door, organisationId, people } = await makeHouse(db);
    const [person] = people;
    if (!person) throw new Error("nobody lives there");
    const picture = { callId: recordOf({ organisationId, door }).callId, deviceId: door, userId: person.id };
    expect([await holderOf(db, door), await seesCall(db, picture, Date.now())]).toEqual([organisationId, true]);
    await own.update(device).set({ releasedAt: new Date() });
    expect([await holderOf(db, door), await callContext(db, door, Date.now())]).toEqual([undefined, undefined]);
    expect(await seesCall(db, picture, Date.now())).toBe(true);
  });
});

describe("a call's record", () => {
  it("comes back as it was saved", async () => {
    const house = await makeHouse(database.db);
    const record = recordOf(house);
    await saveCall(house.db, record);
    expect(await callDetail(house.db, house.look, record.callId)).toMatchObject({
      callId: record.callId,
      button: "Reception",
      startedAt: record.startedAt,
      answeredAt: record.answeredAt,
      endedAt: record.endedAt,
      outcome: "answered",
      answeredBy: { userId: "mara", name: "Mara Lenz" },
      openedBy: "Mara Lenz",
      receivers: 1,
      legs: record.legs,
      events: record.events,
      hasSnapshot: false,
      keptUntil: record.endedAt + 30 * 86_400_000,
    });
  });

  it("saved twice, also at the same time, is there once", async () => {
    const { db, ...house } = await makeHouse(database.db);
    const record = recordOf(house);
    await Promise.all([saveCall(db, record), saveCall(db, record)]);
    await saveCall(db, record);
    const found = await callList(db, house.look, page);
    expect(found).toMatchObject({ total: 1, calls: [{ callId: record.callId }] });
    expect((await callDetail(db, house.look, record.callId))?.events).toEqual(record.events);
    expect(await db.select().from(auditLine).where(eq(auditLine.callId, record.callId))).toHaveLength(1);
  });

  it("takes in what the door answered after the end", async () => {
    const { db, ...house } = await makeHouse(database.db);
    const whole = recordOf(house);
    const door = whole.events.find(({ what }) => what.type === "door");
    if (!door) throw new Error("the record lacks its door event");
    const early = { ...whole, events: whole.events.filter((event) => event !== door) };
    await saveCall(db, early);
    expect((await callDetail(db, house.look, whole.callId))?.openedBy).toBeUndefined();
    const late = { ...whole, events: [...early.events, door] };
    await saveCall(db, late);
    expect(await callDetail(db, house.look, whole.callId)).toMatchObject({
      openedBy: "Mara Lenz",
      events: late.events,
    });
  });

  it("never overwrites another organisation's call of the same identifier", async () => {
    const [one, other] = [await makeHouse(database.db), await makeHouse(database.db)];
    const own = recordOf(one);
    await saveCall(one.db, own);
    const forged = recordOf(other, { callId: own.callId, door: "Forged" });
    const refused = await saveCall(other.db, forged).catch((error: unknown) => error);
    expect(isOrphan(refused)).toBe(true);
    expect(await callDetail(one.db, one.look, own.callId)).toMatchObject({ door: "Main entrance" });
    expect(await callDetail(other.db, other.look, own.callId)).toBeUndefined();
  });

  it("can't name another organisation's door", async () => {
    const [one, other] = [await makeHouse(database.db), await makeHouse(database.db)];
    const crossed = recordOf({ organisationId: one.organisationId, door: other.door });
    await expect(saveCall(one.db, crossed)).rejects.toThrow();
  });

  it("has no place once its door was removed, and the refusal says so", async () => {
    const { db, ...house } = await makeHouse(database.db);
    await db.delete(device);
    const refused = await saveCall(db, recordOf(house)).catch((error: unknown) => error);
    expect(isOrphan(refused)).toBe(true);
    expect(isOrphan(await db.execute("select nothing").catch((error: unknown) => error))).toBe(false);
  });

  it("of a person who called a station names them, and is found by their name", async () => {
    const { db, ...house } = await makeHouse(database.db);
    const placedBy = { userId: userId.parse("vera"), name: "Vera Kwon" };
    const about = { direction: "to-station", outcome: "placed", answeredBy: undefined, placedBy } as const;
    const record = recordOf(house, about);
    await saveCall(db, record);
    const { calls } = await callList(db, house.look, { ...page, search: "kwon" });
    expect(calls).toMatchObject([{ callId: record.callId, placedBy }]);
    expect(calls[0]?.answeredBy).toBeUndefined();
  });
});

describe("the history", () => {
  it("pages through calls that began at the same moment, newest first, each once", async () => {
    const { db, ...house } = await makeHouse(database.db);
    for (let n = 0; n < 5; n++) await saveCall(db, recordOf(house, { startedAt: 1_000_000 + (n > 2 ? 1 : 0) }));
    const seen: string[] = [];
    let after: Parameters<typeof callList>[2]["after"];
    for (let n = 0; n < 3; n++) {
      const { calls, total } = await callList(db, house.look, { limit: 2, after });
      expect(total).toBe(5);
      seen.push(...calls.map((one) => one.callId));
      after = calls.at(-1);
    }
    expect(new Set(seen).size).toBe(5);
    const { calls } = await callList(db, house.look, page);
    expect(seen).toEqual(calls.map((one) => one.callId));
  });

  it("filters by outcome, by opened doors and by words, in which % and _ mean themselves", async () => {
    const { db, ...house } = await makeHouse(database.db);
    const missed = recordOf(house, { outcome: "missed", answeredBy: undefined, answeredAt: undefined, events: [] });
    await saveCall(db, missed);
    await saveCall(db, recordOf(house, { door: "100% gate" }));
    const list = (filter: object) => callList(db, house.look, { ...page, ...filter });
    expect(await list({ outcome: "missed" })).toMatchObject({
      total: 1,
      missed: 1,
      calls: [{ callId: missed.callId }],
    });
    expect(await list({ opened: true })).toMatchObject({ total: 1, missed: 1, calls: [{ door: "100% gate" }] });
    expect((await list({ search: "gate" })).total).toBe(1);
    expect((await list({ search: "0%" })).total).toBe(1);
    expect((await list({ search: "_" })).total).toBe(0);
    expect((await list({ search: "mara" })).total).toBe(1);
  });

  it("filters by site, by who answered and by when, and knows who has answered by the name of their newest call", async () => {
    const { db, ...house } = await makeHouse(database.db);
    const jonas = { userId: userId.parse("jonas"), name: "Jonas Adler" };
    await saveCall(db, recordOf(house));
    await saveCall(db, recordOf(house, { site: "Hafenkai 12", answeredBy: jonas, startedAt: 2_000_000 }));
    const married = { ...jonas, name: "Jonas Adler-Lenz" };
    await saveCall(db, recordOf(house, { site: "Hafenkai 12", answeredBy: married, startedAt: 3_000_000 }));
    const list = (filter: object) => callList(db, house.look, { ...page, ...filter });
    expect((await list({ site: "Hafenkai 12" })).calls.map(({ startedAt }) => startedAt)).toEqual([
      3_000_000, 2_000_000,
    ]);
    expect((await list({ site: "Hafenkai" })).total).toBe(0);
    expect((await list({ answeredBy: jonas.userId })).total).toBe(2);
    expect((await list({ since: 2_000_000 })).total).toBe(2);
    expect((await list({ since: 2_000_001, site: "Hafenkai 12", answeredBy: jonas.userId })).total).toBe(1);
    expect((await list({ site: "nowhere" })).people).toEqual([married, { userId: "mara", name: "Mara Lenz" }]);
  });

  it("holds the organisation's own calls alone", async () => {
    const [one, other] = [await makeHouse(database.db), await makeHouse(database.db)];
    const record = recordOf(one);
    await saveCall(one.db, record);
    await saveSnapshot(one.db, record.callId, 1_000_500);
    expect(await callList(other.db, other.look, page)).toEqual({ calls: [], total: 0, missed: 0, people: [] });
    expect(await callDetail(other.db, other.look, record.callId)).toBeUndefined();
    expect(await callDetail(one.db, one.look, record.callId)).toMatchObject({ snapshotAt: 1_000_500 });
  });
});

describe("doors", () => {
  it("are listed with their newest call, and only the organisation's own", async () => {
    const [one, other] = [await makeHouse(database.db), await makeHouse(database.db)];
    await saveCall(one.db, recordOf(one));
    const newest = recordOf(one, { startedAt: 2_000_000, endedAt: 2_001_000 });
    await saveCall(one.db, newest);
    const [door, ...more] = await doorList(one.db, one.look);
    expect(more).toEqual([]);
    expect(door).toMatchObject({
      deviceId: one.door,
      site: "Lindenhof 4",
      last: { callId: newest.callId, at: 2_000_000, answeredBy: "Mara Lenz" },
    });
    expect((await doorList(other.db, other.look)).map(({ last }) => last)).toEqual([null]);
  });

  it("include one virtual station an organisation, however many ask for it at once", async () => {
    const { db, look } = await makeHouse(database.db);
    const asked = await Promise.all(
      Array.from({ length: 5 }, () => ensureVirtualStation(db, { userId: "mara", name: "Mara Lenz" }, Date.now())),
    );
    expect(new Set(asked).size).toBe(1);
    expect((await doorList(db, look)).filter(({ virtual }) => virtual)).toHaveLength(1);
  });

  it("keep who opened them outside of calls, each step once", async () => {
    const { db, ...house } = await makeHouse(database.db);
    const line = {
      organisationId: house.organisationId,
      deviceId: house.door,
      commandId: commandId.parse(crypto.randomUUID()),
      by: "Mara",
      userId: userId.parse("mara"),
      state: "confirmed" as const,
      at: 5_000,
    };
    await saveDoorCommand(db, line);
    await saveDoorCommand(db, line);
    const found = await db.select().from(auditLine).where(eq(auditLine.organisationId, house.organisationId));
    expect(found).toMatchObject([{ name: "Mara", state: "confirmed", callId: null }]);
  });
});

describe("people", () => {
  it("get one organisation of their own, however often it is asked for", async () => {
    const { db } = database;
    const id = `anna-${crypto.randomUUID()}`;
    await db.insert(user).values({ id, name: "Anna", email: `${id}@example.com`, organisationName: "Anna's" });
    await Promise.all([1, 2, 3].map((now) => foundOrganisation(db, id, now)));
    expect(await founded(id)).toEqual([{ name: "Anna's", role: "owner" }]);
  });

  it("who belong to an organisation found none", async () => {
    const { db } = database;
    const { people } = await makeHouse(db, { Jonas: "operator" });
    const id = people[0]?.id ?? "";
    await db.update(user).set({ organisationName: "Another" }).where(eq(user.id, id));
    await foundOrganisation(db, id, 4);
    expect(await founded(id)).toEqual([]);
  });

  it("are known by a session until it ends", async () => {
    const { db } = database;
    const house = await makeHouse(db, { Jonas: "operator" });
    const token = house.people[0]?.token ?? "";
    expect(await identityOfSession(db, token, Date.now())).toMatchObject({
      name: "Jonas",
      role: "operator",
      organisationId: house.organisationId,
    });
    expect(await identityOfSession(db, token, Date.now() + 3_700_000)).toBeUndefined();
    expect(await identityOfSession(db, "no such token", Date.now())).toBeUndefined();
  });
});

describe("attempts", () => {
  it("are counted exactly when they come at the same moment, and forgotten after the window", async () => {
    const { db } = database;
    const key = crypto.randomUUID();
    const rule = { window: 60, max: 3 };
    const results = await Promise.all(Array.from({ length: 8 }, () => countAttempt(db, key, rule, 1_000)));
    expect(results.filter(({ allowed }) => allowed)).toHaveLength(3);
    expect(await countAttempt(db, key, rule, 31_000)).toEqual({ allowed: false, retryAfter: 30 });
    expect(await countAttempt(db, key, rule, 61_000)).toEqual({ allowed: true, retryAfter: null });
    await forgetAttempts(db, key);
    expect(await countAttempt(db, key, rule, 61_000)).toEqual({ allowed: true, retryAfter: null });
  });

  it("that are taken back leave room for others, and never more than there was", async () => {
    const { db } = database;
    const key = crypto.randomUUID();
    const count = async () => (await countAttempt(db, key, { window: 60, max: 1 }, 1_000)).allowed;
    expect([await count(), await count()]).toEqual([true, false]);
    for (let n = 0; n < 3; n++) await takeBackAttempt(db, key);
    expect([await count(), await count()]).toEqual([true, false]);
  });
});

describe("what is kept no longer", () => {
  it("goes after each organisation's own number of days", async () => {
    const [short, long] = [await makeHouse(database.db), await makeHouse(database.db)];
    await short.db.update(organisation).set({ retentionDays: 1 });
    const day = 86_400_000;
    const now = 100 * day;
    const at = (startedAt: number) => ({ startedAt, answeredAt: startedAt, endedAt: startedAt });
    const old = recordOf(short, at(now - 2 * day));
    const young = recordOf(short, at(now - day / 2));
    const kept = recordOf(long, at(now - 2 * day));
    for (const record of [old, young]) await saveCall(short.db, record);
    await saveCall(long.db, kept);
    const concerned = await withExpiredCalls(database.db, now);
    expect(concerned).toContain(short.organisationId);
    expect(concerned).not.toContain(long.organisationId);
    expect(await expiredCalls(short.db, now, 9)).toEqual([old.callId]);
    expect(await expiredCalls(long.db, now, 9)).toEqual([]);
    await forgetCalls(short.db, [old.callId, kept.callId]);
    expect((await callList(short.db, short.look, page)).calls).toMatchObject([{ callId: young.callId }]);
    expect((await callList(long.db, long.look, page)).calls).toMatchObject([{ callId: kept.callId }]);
  });
});
