/** What the clock sets off, as wrangler.toml names its strikes: what each part does by itself is tried beside it. */
import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { expect, it, vi } from "vitest";
import { metadataName } from "#core/firmware/addresses.ts";
import { signedFile, signingKey, verifiedFile } from "#core/firmware/signing.ts";
import { day, newTimestamp, timestamp } from "#core/firmware/timestamp.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import { keepList, listOf } from "#db/queries/revocation-lists.ts";
import { device } from "#db/schema/device.ts";
import { certificate } from "#db/schema/identity.ts";
import { listLife } from "../functions/revocation-lists.ts";
import worker from "./index.ts";
import { bring } from "./testing/broker.ts";
import { claimedDevice } from "./testing/claimed.ts";
import { newMaker } from "./testing/factory.ts";
import { fleetOf, publishAll } from "./testing/fleet.ts";

const minute = 60_000;
const maker = await newMaker();

function strikes(cron: string) {
  const context = createExecutionContext();
  worker.scheduled(createScheduledController({ cron }), env, context);
  return context;
}

it("each hour the firmware's timestamp and revocation lists that are due are signed anew, and a rollout begins that a policy asks for", async () => {
  const [db, key] = [connectDb(env), await signingKey(env.FIRMWARE_TIMESTAMP_KEY)];
  const { deviceId } = await claimedDevice(maker);
  const [{ crlPart } = { crlPart: "" }] = await db.select().from(certificate).where(eq(certificate.deviceId, deviceId));
  await keepList(db, crlPart, { number: 7, list: "", signedAt: new Date(Date.now() - listLife) });

  const fleet = await fleetOf(1);
  await fleet.portal.ask("/api/firmware", { method: "PATCH", body: { policy: "all", windows: [], approval: false } });
  await publishAll([
    { number: 1, contents: "a" },
    { number: 2, contents: "b" },
  ]);
  const read = async () => verifiedFile(await textOf(metadataName.timestamp), key, timestamp);
  const { meta } = await read();
  const yesterdays = newTimestamp(4, meta["snapshot.json"], Date.now() - day);
  await env.FIRMWARE.put(metadataName.timestamp, await signedFile(yesterdays, [key]));

  await waitOnExecutionContext(strikes("17 * * * *"));
  expect(await read()).toMatchObject({ version: 6, meta });
  expect((await read()).expires).toBeGreaterThan(Date.now() + 2 * day);
  expect((await listOf(db, crlPart))?.kept?.number).toBe(8);
  expect((await fleet.look()).rollouts).toMatchObject([{ release: 2, state: "running" }]);
});

it("each minute it is looked who dropped off, and that is told", async () => {
  const { deviceId, organisationId, email } = await claimedDevice(maker);
  const body = { version: 1, configuration: {}, firmware: "1" };
  for (const event of [{ kind: "came" }, { kind: "reported", body }, { kind: "went" }] as const)
    await bring(deviceId, event);
  const since = { lastSeenAt: new Date(Date.now() - minute) };
  await organisationDb(connectDb(env), organisationId).update(device).set(since);
  strikes("* * * * *");
  await vi.waitFor(
    async () => {
      const mails = await (await fetch(`${env.MAIL_URL}?to=${encodeURIComponent(email)}`)).text();
      expect(mails).toContain("not connected");
    },
    { timeout: 10_000, interval: 100 },
  );
});

const textOf = async (name: string) => (await env.FIRMWARE.get(name))?.text() ?? "";
