/** Two people at their desks: both ring, the first to answer wins, the other falls silent and never receives another packet. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openProfile, packetsReceived, startBrowser } from "../support/browser.ts";
import { answer, callStage, hearTone, ringSheet, signIn, turnSoundOn, until } from "../support/desk.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";
import { randomTone, writeToneFile } from "../support/tone.ts";

const door = "Main entrance";
const doorTone = randomTone();

let platform: Platform;
let browser: Browser;
let mara: Page;
let jonas: Page;
let station: ReferenceStation;

beforeAll(async () => {
  platform = await startPlatform();
  const microphone = join(platform.dataDir, "person.wav");
  writeToneFile(microphone, randomTone() + 1600);
  browser = await startBrowser({ microphone });
  station = startReferenceStation(["listen", "--tone", String(doorTone)], stationSettings(platform));
  await station.told("registered");
  const desk = async (account: Platform["accounts"]["mara"]) => {
    const page = await (await openProfile(browser, platform.origin)).newPage();
    await signIn(page, platform.origin, account);
    await turnSoundOn(page);
    return page;
  };
  mara = await desk(platform.accounts.mara);
  jonas = await desk(platform.accounts.jonas);
});

afterAll(async () => {
  await browser?.close();
  await station?.stop();
  await platform?.stop();
});

const latestCall = (page: Page, outcome: string) =>
  until(async () => {
    const { calls } = await (await page.request.get(`${platform.origin}/api/calls`)).json();
    if (calls[0]?.outcome !== outcome) return undefined;
    return (await page.request.get(`${platform.origin}/api/calls/${calls[0].callId}`)).json();
  }, `a call that is ${outcome}`);

test("both ring; the first answer wins, and the other falls silent within 500 ms and says who answered", async () => {
  station.type("press");
  await Promise.all([ringSheet(mara, door).waitFor(), ringSheet(jonas, door).waitFor()]);
  const silent = ringSheet(mara, door)
    .waitFor({ state: "hidden" })
    .then(() => Date.now());
  // It stays for two seconds only, so it is waited for from the start.
  const named = mara.getByRole("heading", { name: "Jonas Adler answered" }).waitFor();
  await ringSheet(jonas, door)
    .getByRole("button", { name: /^Answer(?! with)/ })
    .click();
  const clicked = Date.now();
  expect((await silent) - clicked).toBeLessThan(500);
  await named;
});

test("the loser never receives a packet after it, while the winner hears the door", async () => {
  await hearTone(jonas, doorTone);
  const atTheLoss = await packetsReceived(mara);
  // Two seconds of talk, by the station's own seconds.
  const now = Date.now();
  await station.told("heard-tone", ({ at, packets }) => at > now + 2_000 && packets > 0);
  expect(await packetsReceived(mara)).toBe(atTheLoss);
  await callStage(jonas, door).getByRole("button", { name: /^End/ }).click();
  const call = await latestCall(mara, "answered");
  expect(call.answeredBy.name).toBe("Jonas Adler");
  expect(call.legs.map(({ name, fate }: { name: string; fate: string }) => [name, fate]).sort()).toEqual([
    ["Jonas Adler", "answered"],
    ["Mara Lenz", "rang"],
  ]);
});

test("a decline in one browser leaves the other ringing", async () => {
  station.type("press");
  await Promise.all([ringSheet(mara, door).waitFor(), ringSheet(jonas, door).waitFor()]);
  await ringSheet(mara, door)
    .getByRole("button", { name: /^Decline/ })
    .click();
  await ringSheet(mara, door).waitFor({ state: "hidden" });
  await ringSheet(jonas, door).getByText("Declined", { exact: true }).waitFor();
  await answer(jonas, door);
});

test("a browser that closes in a call ends the station's call within 10 s, and the history says that the person was lost", async () => {
  const before = station.events.length;
  const closed = Date.now();
  await jonas.context().close();
  await station.told("ended", ({ sipStatus }) => sipStatus === 200, before);
  expect(Date.now() - closed).toBeLessThan(10_000);
  const call = await until(async () => {
    const { calls } = await (await mara.request.get(`${platform.origin}/api/calls`)).json();
    return calls[0]?.reason === "person-lost" ? calls[0] : undefined;
  }, "the record of the lost person");
  expect(call.answeredBy.name).toBe("Jonas Adler");
});

test("workerd killed in a call: the talk goes on, and hanging up is recorded", async () => {
  station.type("press");
  await answer(mara, door);
  await hearTone(mara, doorTone);
  const again = platform.restarts("edge");
  platform.kill("edge");
  await until(async () => (platform.restarts("edge") > again ? true : undefined), "the edge's new start", 30_000);
  await hearTone(mara, doorTone);
  await mara
    .getByText("Connected", { exact: true })
    .or(mara.getByText(/^\d+ ms$/))
    .first()
    .waitFor({ state: "attached" });
  const before = station.events.length;
  await station.told("heard-tone", ({ hertz }) => hertz !== null, before);
  await callStage(mara, door).getByRole("button", { name: /^End/ }).click();
  await station.told("ended", () => true, before);
  const call = await latestCall(mara, "answered");
  expect(call).toMatchObject({ reason: "hung-up-by-person", answeredBy: { name: "Mara Lenz" } });
});

test("the media node killed in a call: the browser is told within 5 s, and the call is recorded as broken", async () => {
  await until(
    async () =>
      (await mara.request.get(`${platform.origin}/api/doors`).then((r) => r.json())).doors[0]?.online
        ? true
        : undefined,
    "the door online",
  );
  station.type("press");
  await answer(mara, door);
  platform.kill("sip-gateway");
  const killed = Date.now();
  await callStage(mara, door).getByText("The call broke: a part of the platform failed").waitFor();
  expect(Date.now() - killed).toBeLessThan(5_000);
  const call = await latestCall(mara, "broken");
  expect(call.reason).toBe("media-node-lost");
});
