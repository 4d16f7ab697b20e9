import { afterAll, beforeAll, expect, it } from "vitest";
import { deviceId } from "#core/messages/values.ts";
import { organisationDb } from "../client.ts";
import { change } from "../schema/change.ts";
import { startTestDatabase, type TestDatabase } from "../testing/database.ts";
import { makeHouse } from "../testing/house.ts";
import { changeDevice, configurationOf, desiredOf, dropDifference, saveReports, saveSent } from "./configuration.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
}, 60_000);
afterAll(() => database?.close());

const mara = { userId: "mara", name: "Mara Lenz" };
const now = new Date(1_800_000_000_000);
const rule = { when: "ringing", output: 2, name: "Light", delay: 0, enabled: true } as const;

async function house() {
  const made = await makeHouse(database.db);
  const look = async () => {
    const found = await configurationOf(made.db, made.door);
    if (!found) throw new Error("no device");
    return found;
  };
  const set = async (parts: Omit<Parameters<typeof changeDevice>[2], "version">, version?: number) => {
    const { configuration, version: seen } = await look();
    const before = { siteId: made.siteId, groups: [], configuration };
    return changeDevice(made.db, made.door, { version: version ?? seen, ...parts }, before, mara);
  };
  /** What a device does that hears what it is told, and nothing else. */
  const converge = async () => {
    const desired = desiredOf(await look());
    if (!desired) return undefined;
    await saveSent(made.db, [{ deviceId: made.door, ...desired }]);
    await saveReports(made.db, [{ deviceId: made.door, ...desired, firmware: "3.14.1" }], now);
    return desired;
  };
  return { ...made, look, set, converge };
}

it("a device is told what it is, once", async () => {
  const { converge } = await house();
  expect(await converge()).toEqual({
    version: 1,
    configuration: {
      name: "Main entrance",
      timeZone: "UTC",
      buttons: [{ key: "reception", label: "Reception" }],
      doorOpeners: [{ output: 1, name: "Street door", pulse: 6000, confirm: "hold" }],
      outputRules: [],
      cameras: [],
    },
  });
  expect(await converge()).toBeUndefined();
});

it("a change raises the version, reaches the device, and is in the audit with how it was before", async () => {
  const { db, door, set, look, converge } = await house();
  await converge();
  expect(await set({ name: "Front door", outputRules: [rule] })).toBe(true);
  expect((await look()).version).toBe(2);
  expect((await converge())?.configuration).toMatchObject({ name: "Front door", outputRules: [rule] });
  const lines = await db.select().from(change);
  expect(lines).toContainEqual(
    expect.objectContaining({
      subject: door,
      action: "change-name",
      before: "Main entrance",
      after: "Front door",
      name: "Mara Lenz",
    }),
  );
});

it("of two who change the same version one is asked to look again", async () => {
  const { set, look } = await house();
  const outcomes = await Promise.all([set({ name: "One" }, 1), set({ name: "Two" }, 1)]);
  expect(outcomes.sort()).toEqual([false, true]);
  expect(await set({ name: "Three" }, 1)).toBe(false);
  expect((await look()).configuration.name).toMatch(/One|Two/);
});

it("what was changed on the device is not overwritten until somebody decides", async () => {
  const { db, door, set, look, converge } = await house();
  const told = await converge();
  if (!told) throw new Error("not told");
  const onDevice = { ...told.configuration, name: "Installer's name" };
  await saveReports(db, [{ deviceId: door, version: told.version, configuration: onDevice, firmware: "3.14.1" }], now);
  expect((await look()).undecided).toEqual(["name"]);

  await set({ name: "Front door", outputRules: [rule] });
  const sent = desiredOf(await look());
  expect(sent?.configuration).toMatchObject({ name: "Installer's name", outputRules: [rule] });

  await dropDifference(db, door, "name", mara, "Installer's name");
  expect((await look()).undecided).toEqual([]);
  expect((await converge())?.configuration.name).toBe("Front door");
  expect(await look()).toMatchObject({ undecided: [], dropped: [] });
});

it("what was sent and has not come is no change of the device's: it is sent again as it was", async () => {
  const { db, door, set, look, converge } = await house();
  const told = await converge();
  if (!told) throw new Error("not told");
  await set({ name: "Front door", outputRules: [rule] });
  const lost = desiredOf(await look());
  if (!lost) throw new Error("nothing to send");
  await saveSent(db, [{ deviceId: door, ...lost }]);
  // It comes back from a broken connection, as it was, but for the time zone that was changed on it meanwhile.
  const onDevice = { ...told.configuration, timeZone: "Europe/Berlin" };
  await saveReports(db, [{ deviceId: door, version: told.version, configuration: onDevice, firmware: "3" }], now);
  expect((await look()).undecided).toEqual(["timeZone"]);
  const again = { ...lost.configuration, timeZone: "Europe/Berlin" };
  expect(desiredOf(await look())).toEqual({ version: 2, configuration: again });
});

it("a device that forgot everything has nothing of its own to keep", async () => {
  const { db, door, look, converge } = await house();
  const told = await converge();
  if (!told) throw new Error("not told");
  const factory = { ...told.configuration, name: "New device", buttons: [] };
  await saveReports(db, [{ deviceId: door, version: 0, configuration: factory, firmware: "3" }], now);
  expect((await look()).undecided).toEqual([]);
  expect(desiredOf(await look())).toEqual(told);
});

it("what was changed on the device and is kept becomes what it ought to be", async () => {
  const { db, door, set, look, converge } = await house();
  const told = await converge();
  if (!told) throw new Error("not told");
  const kept = { ...told.configuration, name: "Kept" };
  await saveReports(db, [{ deviceId: door, version: 1, configuration: kept, firmware: "3" }], now);
  await set({ name: "Kept" });
  expect((await look()).undecided).toEqual([]);
  await converge();
  expect(await look()).toMatchObject({ undecided: [], configuration: { name: "Kept" } });
});

it("another organisation neither sees nor changes it", async () => {
  const { door, look } = await house();
  const stranger = await makeHouse(database.db);
  const theirs = organisationDb(database.db, stranger.organisationId);
  expect(await configurationOf(theirs, door)).toBeUndefined();
  const before = { siteId: "", groups: [], configuration: (await look()).configuration };
  await expect(changeDevice(theirs, door, { version: 1, name: "Mine" }, before, mara)).rejects.toThrow();
  expect((await look()).configuration.name).toBe("Main entrance");
  expect(await configurationOf(theirs, deviceId.parse(crypto.randomUUID()))).toBeUndefined();
});
