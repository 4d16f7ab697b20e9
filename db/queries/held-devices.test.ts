import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { accepted, advance } from "#core/device/claim.ts";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import { certificate, factoryIdentity, maker } from "../schema/identity.ts";
import { startTestDatabase, type TestDatabase } from "../testing/database.ts";
import { makeHouse } from "../testing/house.ts";
import { newestClaim, openClaim, takeDevice } from "./claims.ts";
import { changesOf } from "./device-list.ts";
import { offerDevice, takeOffered, transferByCode } from "./device-transfers.ts";
import { allowDevice, releaseDevice, revokeDevice } from "./held-devices.ts";

let database: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  database = await startTestDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query(
    `create function fault() returns trigger language plpgsql as 'begin raise exception ''a fault''; end'`,
  );
  await database.db.insert(maker).values({ id: "maker", name: "Maker", certificate: "", models: [] });
}, 60_000);
afterAll(async () => {
  await owner?.end();
  await database?.close();
});

const fitted = { buttons: 1, outputs: 1 };
const now = Date.now();
const random = () => crypto.randomUUID();

let house: Awaited<ReturnType<typeof makeHouse>>;
beforeEach(async () => {
  house = await makeHouse(database.db);
});

const mara = () => ({ userId: house.people[0]?.id ?? house.look.userId, name: "Mara", role: "owner" as const });

/** A device as its maker told of it. */
async function identity(id: DeviceId, held: Partial<typeof factoryIdentity.$inferInsert> = {}) {
  const told = { id, makerId: "maker", serial: random(), model: "WS 301V CM", revision: "AC", codeHmac: random() };
  await database.db.insert(factoryIdentity).values({ ...told, ...held });
}

/** The house's door as a device that was claimed, with a certificate. */
async function claimed(more: Partial<typeof factoryIdentity.$inferInsert> = {}): Promise<DeviceId> {
  const { door, organisationId: holderId } = house;
  await identity(door, { holderId, ...more });
  const at = { issuedAt: new Date(now), expiresAt: new Date(now + 86_400_000) };
  const made = {
    serial: random(),
    deviceId: door,
    holderId,
    spkiHash: random(),
    pem: "",
    issuerId: "one",
    crlPart: "one-0",
    ...at,
  };
  await database.db.insert(certificate).values(made);
  return door;
}

/** Everything in these tables, as one text. */
async function everything(): Promise<string> {
  const tables = ["factory_identity", "certificate", "device", "claim", "device_transfer", "change"];
  const each = tables.map((table) => `select json_agg(one order by one::text) from ${table} one`);
  return JSON.stringify((await owner.query(each.join(" union all "))).rows);
}

/** A write to that table fails, whichever of the statements makes it: then nothing has happened. */
async function leavesNothing(table: string, what: () => Promise<unknown>): Promise<void> {
  const before = await everything();
  await owner.query(`create trigger fault before insert or update on ${table} for each row execute function fault()`);
  await expect(what(), table).rejects.toThrow();
  await owner.query(`drop trigger fault on ${table}`);
  expect(await everything(), table).toBe(before);
}

const lines = async (of: DeviceId, db = house.db) =>
  (await changesOf(db, 10, of)).map(({ by, action, before, after }) => [by?.name, action, before, after]);

describe("a fault in between leaves nothing done and nothing in the audit, and without one both are there, when a device is", () => {
  it("revoked, and let in again", async () => {
    const id = await claimed();
    for (const table of ["factory_identity", "certificate", "change"])
      await leavesNothing(table, () => revokeDevice(house.db, mara(), id, now));
    expect(await revokeDevice(house.db, mara(), id, now)).toHaveLength(1);
    for (const table of ["factory_identity", "change"])
      await leavesNothing(table, () => allowDevice(house.db, mara(), id, now + 1));
    expect(await allowDevice(house.db, mara(), id, now + 1)).toBe(true);
    expect(await allowDevice(house.db, mara(), id, now + 2)).toBe(false);
    expect(await lines(id)).toEqual([
      ["Mara", "allow-device", null, "Main entrance"],
      ["Mara", "revoke-device", "Main entrance", null],
    ]);
  });

  it("given up", async () => {
    const id = await claimed();
    for (const table of ["factory_identity", "certificate", "device", "change"])
      await leavesNothing(table, () => releaseDevice(house.db, mara(), id, random(), now));
    expect(await releaseDevice(house.db, mara(), id, random(), now)).toHaveLength(1);
    expect(await releaseDevice(house.db, mara(), id, random(), now)).toBeUndefined();
    expect(await lines(id)).toEqual([["Mara", "release-device", "Main entrance", null]]);
  });

  it("claimed", async () => {
    const id = deviceId.parse(random());
    await identity(id);
    const about = { deviceId: id, userId: mara().userId, who: "Mara", name: "Gate" };
    await openClaim(house.db, { ...about, stands: accepted(now) });
    const waiting = await newestClaim(house.db, id);
    if (!waiting) throw new Error("no claim was kept");
    const taking = () => takeDevice(house.db, waiting, advance(waiting, { type: "present", at: now }), fitted);
    for (const table of ["factory_identity", "device", "device_button", "claim", "change"])
      await leavesNothing(table, taking);
    expect(await lines(id)).toEqual([]);
    expect(await taking()).toBe(true);
    await taking();
    expect(await lines(id)).toEqual([["Mara", "claim-device", null, "Gate"]]);
  });

  it("handed on", async () => {
    const [id, codeHmac] = [await claimed(), random()];
    for (const table of ["device_transfer", "change"])
      await leavesNothing(table, () => offerDevice(house.db, mara(), { deviceId: id, codeHmac }, now));
    expect(await offerDevice(house.db, mara(), { deviceId: id, codeHmac }, now)).toBe(true);
    const offered = await transferByCode(database.db, codeHmac, now);
    if (!offered) throw new Error("nothing is offered");
    const other = await makeHouse(database.db, { Ben: "owner" });
    const ben = { userId: other.look.userId, name: "Ben" };
    const to = { db: other.db, organisation: "Ben's", by: ben, name: "Gate", siteId: other.siteId };
    const taking = () => takeOffered(database.db, offered, to, fitted, now + 1);
    for (const table of ["factory_identity", "certificate", "device", "claim", "change"])
      await leavesNothing(table, taking);
    const taken = await taking();
    expect(taken?.revoked).toHaveLength(1);
    expect(await lines(id)).toEqual([
      ["Ben", "give-device", { name: "Main entrance" }, { organisation: "Ben's" }],
      ["Mara", "offer-device", null, { email: null }],
    ]);
    if (taken)
      expect(await lines(taken.deviceId, other.db)).toEqual([
        ["Ben", "receive-device", null, { name: "Gate", organisation: "House" }],
      ]);
  });
});

it("nobody takes away, lets in again or gives up what another organisation holds, or holds no more", async () => {
  const id = await claimed({ blockedAt: new Date(now) });
  const stranger = await makeHouse(database.db, { Ben: "owner" });
  const ben = { userId: stranger.look.userId, name: "Ben" };
  const before = await everything();
  const tries = async (of: DeviceId, db = stranger.db) => [
    await revokeDevice(db, ben, of, now),
    await allowDevice(db, ben, of, now),
    await releaseDevice(db, ben, of, random(), now),
  ];
  expect(await tries(id)).toEqual([undefined, false, undefined]);
  expect(await everything()).toBe(before);
  await releaseDevice(house.db, mara(), id, random(), now);
  expect(await tries(id, house.db)).toEqual([undefined, false, undefined]);
});
