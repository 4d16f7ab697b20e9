/** The built worker under its own runner, a real database, a real bucket, and a clock in the test's hand: an hour passes. */
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { callDetail, saveCall, saveSnapshot } from "#db/queries/calls.ts";
import { freePort, startTestDatabase, type TestDatabase } from "#db/testing/database.ts";
import { makeHouse, recordOf } from "#db/testing/house.ts";
import { type Edge, startEdge } from "#media-nodes/edge/edge.ts";
import { edgeSettings } from "#media-nodes/edge/settings.ts";
import { handClock } from "../support/hand-clock.ts";

const day = 24 * 60 * 60_000;
const minute = 60_000;
const clock = handClock();

let database: TestDatabase;
let edge: Edge;

beforeAll(async () => {
  database = await startTestDatabase();
  const settings = edgeSettings({
    DATA_DIR: join(database.folder, "data"),
    MINIFLARE_PORT: String(await freePort()),
    DATABASE_URL: database.applicationUrl,
    NEON_FETCH_ENDPOINT: `${database.doors}/sql`,
    AUTH_SECRET: "test-auth-secret-of-32-characters",
    URL_SECRET: "test-url-secret-of-32-characters",
    MEDIA_NODE_TOKEN: "test-media-node-token",
    LIVEKIT_API_KEY: "test-key",
    LIVEKIT_API_SECRET: "test-livekit-secret-of-32-characters",
    LIVEKIT_URL: "ws://localhost:8080",
    PUBLIC_ORIGIN: "http://localhost:8080",
    STUN_URL: "stun:localhost:3478",
    MAIL_URL: "http://127.0.0.1:1/",
  });
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
  await vi.waitFor(async () => expect(await bucket.head(old.picture)).toBeNull(), { timeout: 30_000, interval: 50 });
  expect(await callDetail(db, house.look, old.id)).toBeUndefined();
  expect(await callDetail(db, house.look, young.id)).toBeDefined();
  expect(await bucket.head(young.picture)).not.toBeNull();
});
