import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logLife } from "#core/device/log.ts";
import { commandId } from "#core/messages/values.ts";
import { callDetail, saveCall } from "#db/queries/calls.ts";
import { logObject, logsOf, saveAskedLog } from "#db/queries/device-logs.ts";
import { session } from "#db/schema/account.ts";
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
  await saveAskedLog(db, house.door, youngLog, size, new Date(now - logLife + 1));

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
  expect(await cleanUp(env, now)).toEqual({ calls: 1 });
  expect(deleted).toEqual([`calls/${old.callId}.jpg`, logObject(house.organisationId, house.door, oldLog)]);
  expect((await logsOf(db, house.door, 10)).map(({ logId }) => logId)).toEqual([youngLog]);
  expect(await callDetail(db, house.look, old.callId)).toBeUndefined();
  expect(await callDetail(db, house.look, young.callId)).toBeDefined();
  expect((await db.select().from(session)).map(({ token }) => token)).not.toContain(house.people[0]?.token);
  expect((await db.select().from(share)).map(({ userId }) => userId)).toEqual([house.people[2]?.id]);
  expect(await db.select().from(invitation)).toEqual([]);
  expect(await cleanUp(env, now)).toEqual({ calls: 0 });
});
