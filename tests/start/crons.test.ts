/** The built worker under its own runner, a real database, a real bucket, and a clock in the test's hand: an hour passes. */
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { callDetail, saveCall, saveSnapshot } from "#db/queries/calls.ts";
import { freePort, startTestDatabase, type TestDatabase } from "#db/testing/database.ts";
import { makeHouse, recordOf } from "#db/testing/house.ts";
import { type Edge, startEdge } from "#media-nodes/edge/edge.ts";
import { testEdgeSettings } from "../support/edge-settings.ts";
import { handClock } from "../support/hand-clock.ts";

const day = 24 * 60 * 60_000;
const minute = 60_000;
const clock = handClock();

let database: TestDatabase;
let edge: Edge;

beforeAll(async () => {
  database = await startTestDatabase();
  const settings = testEdgeSettings({ port: await freePort(), dataDir: join(database.folder, "data"), database });
  edge = await startEdge(settings, pino({ level: "silent" }), clock);
});

afterAll(async () => {
  await edge?.close();
  await database?.close();
});

test("a call that is kept no longer goes within the hour, with its picture, and a younger one stays", async () => {
  const { db, ...house } = await makeHouse(database.db);
  const bucket = await edge.miniflare.getR2Bucket("SNAPSHOTS");
  const keep = async (age: number) => {
    const at = Date.now() - age;
    const record = recordOf(house, { startedAt: at, answeredAt: at, endedAt: at });
    await saveCall(db, record);
    await saveSnapshot(db, record.callId, at);
    const picture = `calls/${record.callId}.jpg`;
    await bucket.put(picture, "a picture");
    return { id: record.callId, picture };
  };
  const [old, young] = [await keep(31 * day), await keep(29 * day)];
  clock.advance(60 * minute);
  // The picture first: a row that is left shows that it is not over.
  await vi.waitFor(async () => expect(await callDetail(db, house.look, old.id)).toBeUndefined(), {
    timeout: 30_000,
    interval: 50,
  });
  expect(await bucket.head(old.picture)).toBeNull();
  expect(await callDetail(db, house.look, young.id)).toBeDefined();
  expect(await bucket.head(young.picture)).not.toBeNull();
});
