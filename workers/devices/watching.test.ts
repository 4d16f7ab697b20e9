/** Devices that drop off, through the real worker and database: what the broker says goes in, what comes out is mail. */
import { env, exports } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { deviceList } from "#core/messages/device-api.ts";
import { virtualStation } from "#core/messages/portal-api.ts";
import { connectDb, organisationDb } from "#db/client.ts";
import { nodeLost, onlyTheseAt } from "#db/queries/device-presence.ts";
import { toWatch } from "#db/queries/outages.ts";
import { deviceConfiguration } from "#db/schema/configuration.ts";
import { bring } from "../testing/broker.ts";
import { claimedDevice } from "../testing/claimed.ts";
import { newMaker, requestWith } from "../testing/factory.ts";
import { colleague } from "../testing/portal.ts";
import { watchDevices, watchForAMinute } from "./watching.ts";

const minute = 60_000;
const maker = await newMaker();

async function mailsTo(email: string): Promise<{ subject: string; text: string }[]> {
  return (await fetch(`${env.MAIL_URL}?to=${encodeURIComponent(email)}`)).json();
}

/** Where mails to these are not taken. */
const envRefusing = (...emails: string[]) => ({
  ...env,
  MAIL_URL: `${env.MAIL_URL}?${new URLSearchParams(emails.map((email) => ["refused", email]))}`,
});

/** What the edge has counted by that name. */
async function counted(name: string): Promise<number> {
  const headers = { authorization: `Bearer ${env.MEDIA_NODE_TOKEN}` };
  const text = await (await exports.default.fetch("http://localhost:8080/metrics", { headers })).text();
  return Number(new RegExp(`^symphony_edge_${name} (\\d+)`, "m").exec(text)?.[1] ?? 0);
}

/** A claimed device that connected and reported, and mails since then. */
async function watched(owner?: Parameters<typeof claimedDevice>[1]) {
  const claimed = await claimedDevice(maker, owner);
  const { deviceId, portal, email } = claimed;
  const node = `node-${crypto.randomUUID()}`;
  const connected = (is: boolean) => bring(deviceId, { kind: is ? "came" : "went" }, node);
  await connected(true);
  const body = { version: 1, configuration: {}, firmware: "1" };
  expect((await bring(deviceId, { kind: "reported", body }, node)).outcome).toBe("stored");
  const before = (await mailsTo(email)).length;
  return {
    ...claimed,
    node,
    connected,
    mails: async () => (await mailsTo(email)).slice(before),
    async shown() {
      const { devices } = deviceList.parse(await (await portal.ask("/api/devices")).json());
      return devices.find((one) => one.deviceId === deviceId);
    },
  };
}

it("tells its owner of a device that dropped off, with where, when and why, and when it is back", async () => {
  const device = await watched();
  const { name, site } = (await device.shown()) ?? {};
  await device.connected(false);
  // A look that takes long is still under way when the next one begins.
  await Promise.all([1, 2, 3].map(() => watchDevices(env, Date.now() + minute)));
  await watchDevices(env, Date.now() + 2 * minute);
  const [mail, ...more] = await device.mails();
  expect(more).toEqual([]);
  expect(mail?.subject).toBe(`${name} at ${site?.name}: not connected`);
  expect(mail?.text).toMatch(new RegExp(`- ${name}, last seen \\d+ \\w+,? \\d\\d:\\d\\d`));
  expect(mail?.text).toContain("probably the device itself");
  expect(await device.shown()).toMatchObject({ online: false, away: "device" });
  // Whoever stays away, and people know, is not looked for again and again.
  expect(await toWatch(connectDb(env), Date.now())).not.toContain(device.organisationId);

  await device.connected(true);
  await watchDevices(env, Date.now() + 3 * minute);
  await watchDevices(env, Date.now() + 4 * minute);
  expect((await device.mails()).map(({ subject }) => subject.replace(/.*: /, ""))).toEqual([
    "not connected",
    "connected again",
  ]);
  expect((await device.shown())?.away).toBeUndefined();
});

it("sends who was refused their mail another, with back-off and for a day, and nobody two", async () => {
  const owner = await watched();
  const installer = await colleague(owner.portal, "installer");
  const came = async (email: string) =>
    (await mailsTo(email)).filter(({ subject }) => subject.endsWith("connected")).length;
  const refusing = envRefusing(owner.email);
  await owner.connected(false);
  const dropped = Date.now();
  await watchDevices(refusing, dropped + minute);
  expect([await came(installer.email), await came(owner.email)]).toEqual([1, 0]);
  // Not before its time, and then by one alone.
  await watchDevices(env, dropped + minute + 59_000);
  expect(await came(owner.email)).toBe(0);
  await watchDevices(refusing, dropped + 2 * minute);
  await watchDevices(env, dropped + 3 * minute);
  expect(await came(owner.email)).toBe(0);
  await Promise.all([1, 2, 3].map(() => watchDevices(env, dropped + 4 * minute)));
  await watchDevices(env, dropped + 24 * 60 * minute);
  expect([await came(installer.email), await came(owner.email)]).toEqual([1, 1]);
});

it("gives up a mail that nobody takes for a day, and says so in the metrics; who has left gets none", async () => {
  const owner = await watched();
  const installer = await colleague(owner.portal, "installer");
  const refusing = envRefusing(owner.email, installer.email);
  await owner.connected(false);
  const dropped = Date.now();
  await watchDevices(refusing, dropped + minute);
  await owner.portal.ask(`/api/people/${installer.userId}`, { method: "DELETE" });
  const before = await counted("mails_given_up_total");
  for (const hours of [1, 12, 24, 25]) await watchDevices(refusing, dropped + hours * 60 * minute);
  expect((await counted("mails_given_up_total")) - before).toBe(1);
  await watchDevices(env, dropped + 26 * 60 * minute);
  expect(await owner.mails()).toEqual([]);
  expect((await mailsTo(installer.email)).filter(({ subject }) => subject.endsWith("connected"))).toEqual([]);
});

it("tells of a site where everything dropped off by one mail, and that it is the site", async () => {
  const one = await watched();
  const other = await watched(one);
  await one.connected(false);
  await other.connected(false);
  await watchDevices(env, Date.now() + minute);
  const [mail, ...more] = await other.mails();
  expect(more).toEqual([]);
  expect(mail?.subject).toBe(`2 devices at ${(await one.shown())?.site.name}: not connected`);
  expect(mail?.text.match(/^- .+, last seen/gm)).toHaveLength(2);
  expect(mail?.text).toContain("Nothing at the site is connected");
  expect([(await one.shown())?.away, (await other.shown())?.away]).toEqual(["site", "site"]);
});

it("is told within two minutes, though the clock has just struck when it drops off", async () => {
  const device = await watched();
  await device.connected(false);
  const dropped = Date.now();
  const toldAfter: number[] = [];
  for (const strikes of [dropped + 1, dropped + minute]) {
    let now = strikes;
    const pass = async (time: number) => {
      now += time;
    };
    await watchForAMinute(env, { now: () => now, pass });
    if ((await device.mails()).length > 0) toldAfter.push(now - dropped);
  }
  expect(toldAfter[0]).toBeLessThan(2 * minute);
  expect(await device.mails()).toHaveLength(1);
});

it("does not know how the devices of a lost node are, and says that it is our own fault", async () => {
  const device = await watched();
  await nodeLost(connectDb(env), device.node);
  expect(await device.shown()).toMatchObject({ online: false, away: "ours" });
  await watchDevices(env, Date.now() + minute);
  expect((await device.mails())[0]?.text).toContain("Our own node");

  await onlyTheseAt(connectDb(env), device.node, [device.deviceId]);
  expect((await device.shown())?.away).toBeUndefined();
});

it("gives a fleet time to come back to a node that is there again, and tells of who stays away after that", async () => {
  const [last, gone] = [await watched(), await watched()];
  for (const { node } of [last, gone]) {
    await nodeLost(connectDb(env), node);
    await onlyTheseAt(connectDb(env), node, []);
  }
  expect(await toWatch(connectDb(env), Date.now() + minute)).not.toContain(gone.organisationId);
  await watchDevices(env, Date.now() + minute);
  await last.connected(true);
  // The last look before two minutes are over since the node's return.
  await watchDevices(env, Date.now() + 2 * minute - 20_000);
  expect(await last.mails()).toEqual([]);
  expect((await gone.mails()).map(({ text }) => text)).toEqual([expect.stringContaining("probably the device itself")]);
});

it("waits anew for who could not come back, since the node was away once more", async () => {
  const device = await watched();
  await nodeLost(connectDb(env), device.node);
  await onlyTheseAt(connectDb(env), device.node, []);
  // Almost all of its time is over.
  await organisationDb(connectDb(env), device.organisationId)
    .update(deviceConfiguration)
    .set({ awaitedUntil: new Date(Date.now() + 10_000) })
    .where(eq(deviceConfiguration.deviceId, device.deviceId));
  await onlyTheseAt(connectDb(env), device.node, []);
  await watchDevices(env, Date.now() + minute);
  expect(await device.mails()).toEqual([]);
  await watchDevices(env, Date.now() + 2 * minute);
  expect(await device.mails()).toHaveLength(1);
});

it("says nothing of a node that is back within seconds, nor of a device that is given up", async () => {
  const [short, gone] = [await watched(), await watched()];
  await nodeLost(connectDb(env), short.node);
  await onlyTheseAt(connectDb(env), short.node, [short.deviceId]);
  await gone.connected(false);
  expect((await gone.portal.ask(`/api/devices/${gone.deviceId}/revoke`, { method: "POST" })).ok).toBe(true);
  await watchDevices(env, Date.now() + minute);
  expect([...(await short.mails()), ...(await gone.mails())]).toEqual([]);
});

it("says nothing of a virtual station, which comes and goes as its media node has room", async () => {
  const { portal, node, organisationId, mails } = await watched();
  const { deviceId } = virtualStation.parse(
    await (await portal.ask("/api/virtual-station", { method: "POST" })).json(),
  );
  const certified = await portal.ask(`/media-node/virtual-stations/${deviceId}/certificate`, {
    method: "POST",
    headers: { authorization: `Bearer ${env.MEDIA_NODE_TOKEN}`, "content-type": "application/pkcs10" },
    body: await requestWith(),
  });
  expect(certified.status).toBe(200);
  await bring(deviceId, { kind: "came" }, node);
  await bring(deviceId, { kind: "reported", body: { version: 1, configuration: {}, firmware: "1" } }, node);
  await bring(deviceId, { kind: "went" }, node);
  expect(await toWatch(connectDb(env), Date.now() + minute)).not.toContain(organisationId);
  await watchDevices(env, Date.now() + minute);
  expect(await mails()).toEqual([]);
});
