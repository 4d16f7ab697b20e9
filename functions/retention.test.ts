import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logLife } from "#core/device/log.ts";
import { commandId } from "#core/messages/values.ts";
import { callDetail, saveCall, saveSnapshot } from "#db/queries/calls.ts";
import { logObject, logsOf, saveAskedLog } from "#db/queries/device-logs.ts";
import { session } from "#db/schema/account.ts";
import { snapshot } from "#db/schema/call.ts";
import { deviceLog } from "#db/schema/device-log.ts";
import { invitation, share } from "#db/schema/people.ts";
import { startTestDatabase, type TestDatabase } from "#db/testing/database.ts";
import { makeHouse, recordOf } from "#db/testing/house.ts";
import { cleanUp } from "./retention.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
}, 120_000);
afterAll(() => database?.close());

it("removes calls with their pictures, devices' logs, sessions, invitations and shares once their time is over", async () => {
  const { applicationUrl, doors } = database;
  const { db, ...house } = await makeHouse(database.db, { Mara: "owner", Jonas: "operator", Vera: "viewer" });
  const day = 86_400_000;
  const now = Date.now();
  const at = (startedAt: number) => ({ startedAt, answeredAt: startedAt, endedAt: startedAt });
  const old = recordOf(house, at(now - 31 * day));
  const young = recordOf(house, at(now - 29 * day));
  for (const record of [old, young]) await saveCall(db, record);
  await db
    .update(session)
    .set({ expiresAt: new Date(now - 1) })
    .where(eq(session.token, house.people[0]?.token ?? ""));

  await db
    .update(share)
    .set({ endsAt: new Date(now - 1) })
    .where(eq(share.userId, house.people[1]?.id ?? ""));
  await db.insert(invitation).values({
    id: crypto.randomUUID(),
    organisationId: house.organisationId,
    email: "anna@example.com",
    role: "viewer",
    tokenHash: "a digest",
    invitedBy: "mara",
    invitedByName: "Mara",
    createdAt: new Date(now - 8 * day),
    expiresAt: new Date(now - day),
  });

  const size = { lines: 1, warnings: 0, octets: 60 };
  const [oldLog, youngLog] = [commandId.parse(crypto.randomUUID()), commandId.parse(crypto.randomUUID())];
  await saveAskedLog(db, house.door, oldLog, size, new Date(now - logLife - 1));
  await saveAskedLog(db, house.door, youngLog, size, new Date(now - logLife + 60_000));

  const deleted: string[] = [];
  const bucket = {
    async delete(keys: string[]) {
      deleted.push(...keys);
    },
  };
  const env = {
    DATABASE_URL: applicationUrl,
    NEON_FETCH_ENDPOINT: `${doors}/sql`,
    SNAPSHOTS: bucket,
    LOGS: bucket,
  };
  await cleanUp(env, now);
  expect(deleted).toEqual([`calls/${old.callId}.jpg`, logObject(house.organisationId, house.door, oldLog)]);
  expect((await logsOf(db, house.door, 10)).map(({ logId }) => logId)).toEqual([youngLog]);
  expect(await callDetail(db, house.look, old.callId)).toBeUndefined();
  expect(await callDetail(db, house.look, young.callId)).toBeDefined();
  expect((await db.select().from(session)).map(({ token }) => token)).not.toContain(house.people[0]?.token);
  expect((await db.select().from(share)).map(({ userId }) => userId)).toEqual([house.people[2]?.id]);
  expect(await db.select().from(invitation)).toEqual([]);
  await cleanUp(env, now);
  expect(deleted).toHaveLength(2);
});

it("forgets nothing whose object it could not delete, and takes it in the next hour, however many there are", async () => {
  const { applicationUrl, doors } = database;
  const { db, ...house } = await makeHouse(database.db);
  const now = Date.now();
  const long = new Date(now - logLife - 1);
  const logs = Array.from({ length: 1_201 }, () => ({
    ...{ id: crypto.randomUUID(), organisationId: house.organisationId, deviceId: house.door },
    receivedAt: long,
  }));
  await db.insert(deviceLog).values(logs);
  const at = { startedAt: now - 31 * 86_400_000, endedAt: now - 31 * 86_400_000 };
  const call = recordOf(house, at);
  await saveCall(db, call);
  const unrecorded = recordOf(house, at).callId;
  await saveSnapshot(db, unrecorded, at.startedAt);

  const objects = new Set([
    ...logs.map(({ id }) => logObject(house.organisationId, house.door, id)),
    ...[call.callId, unrecorded].map((id) => `calls/${id}.jpg`),
  ]);
  /** Takes so many requests, and fails then: before it does what it is asked, or when it has. */
  const bucket = (requests: number, fails: "before" | "after" = "before") => ({
    async delete(keys: string[]) {
      const broken = requests-- <= 0;
      if (!broken || fails === "after") for (const key of keys) objects.delete(key);
      if (broken) throw new Error("the bucket is away");
    },
  });
  const env = (SNAPSHOTS: ReturnType<typeof bucket>, LOGS: ReturnType<typeof bucket>) => ({
    ...{ DATABASE_URL: applicationUrl, NEON_FETCH_ENDPOINT: `${doors}/sql` },
    ...{ SNAPSHOTS, LOGS },
  });
  const rows = async () => [(await db.select().from(deviceLog)).length, (await db.select().from(snapshot)).length];
  await expect(cleanUp(env(bucket(0), bucket(9)), now)).rejects.toThrow("the bucket is away");
  expect([await rows(), objects.size]).toEqual([[1_201, 1], 1_203]);
  await expect(cleanUp(env(bucket(0, "after"), bucket(9)), now)).rejects.toThrow("the bucket is away");
  expect([await rows(), objects.size]).toEqual([[1_201, 1], 1_201]);
  await expect(cleanUp(env(bucket(9), bucket(1)), now)).rejects.toThrow("the bucket is away");
  expect([await rows(), objects.size]).toEqual([[701, 0], 701]);
  await cleanUp(env(bucket(9), bucket(9)), now);
  expect([await rows(), objects.size]).toEqual([[0, 0], 0]);
});
