/** The product's main job with parts of ours at the door: a press rings, someone answers, the door opens, it is in the history. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openProfile, startBrowser } from "../support/browser.ts";
import { randomPictureCode, writeBrowserCamera } from "../support/camera.ts";
import {
  answer,
  callStage,
  hearTone,
  holdToOpen,
  ringSheet,
  seePictureCode,
  signIn,
  turnSoundOn,
  until,
} from "../support/desk.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";
import { randomTone, writeToneFile } from "../support/tone.ts";

const door = "Main entrance";
const doorTone = randomTone();
const personTone = randomTone() + 1600; // another octave than any door's
const doorCode = randomPictureCode();
const personCode = randomPictureCode();

/** What the station heard was the person's microphone. */
const isPersonTone = ({ hertz }: { hertz: number | null }) => hertz !== null && Math.abs(hertz - personTone) <= 25;

let platform: Platform;
let browser: Browser;
let page: Page;
let station: ReferenceStation;

beforeAll(async () => {
  platform = await startPlatform();
  const microphone = join(platform.dataDir, "person.wav");
  const camera = join(platform.dataDir, "person.y4m");
  writeToneFile(microphone, personTone);
  await writeBrowserCamera(camera, personCode);
  browser = await startBrowser({ microphone, camera });
  const profile = await openProfile(browser, platform.origin);
  page = await profile.newPage();
  station = startReferenceStation(
    ["listen", "--tone", String(doorTone), "--picture-code", String(doorCode)],
    stationSettings(platform),
  );
  await station.told("registered");
  await signIn(page, platform.origin, platform.accounts.mara);
  await turnSoundOn(page);
});

afterAll(async () => {
  await browser?.close();
  await station?.stop();
  await platform?.stop();
});

test("a press rings the browser, with the door's moving picture before anyone answers", async () => {
  station.type("press");
  await ringSheet(page, door).waitFor();
  await seePictureCode(page, doorCode);
  await station.told("early-media");
  // Nobody answered: nothing may have reached the door.
  expect(station.events.filter((event) => event.event === "heard-tone" && event.packets > 0)).toEqual([]);
});

test("answered, both hear each other", async () => {
  await answer(page, door);
  await hearTone(page, doorTone);
  await station.told("heard-tone", isPersonTone);
});

test("V adds the camera, and the door sees the person", async () => {
  await page.keyboard.press("v");
  await station.told("picture-code", ({ code }) => code === personCode);
});

test("holding opens the door once, the door says so, and the call goes on", async () => {
  await holdToOpen(page, callStage(page, door));
  await callStage(page, door).getByText("Street door opened").waitFor();
  await station.told("contact", ({ contact }) => contact === "open");
  expect(station.events.filter(({ event }) => event === "output-fired")).toHaveLength(1);
  await hearTone(page, doorTone);
});

test("hung up, the call is in the history within a second, with everything that happened and the caller's picture", async () => {
  await callStage(page, door).getByRole("button", { name: /^End/ }).click();
  const hungUp = Date.now();
  await station.told("ended");
  const call = await until(async () => {
    const { calls } = await (await page.request.get(`${platform.origin}/api/calls`)).json();
    return calls[0];
  }, "the call in the history");
  expect(Date.now() - hungUp).toBeLessThan(1_000 + 500); // the asking takes its time, too
  expect(call).toMatchObject({ door, outcome: "answered", answeredBy: { name: "Mara Lenz" }, openedBy: "Mara Lenz" });
  await page.goto(`${platform.origin}/history/${call.callId}`);
  await page.getByText("You answered in the browser").waitFor();
  await seePictureCode(page, doorCode, new RegExp(door));
});

test("the station is called from the browser, and answers", async () => {
  const before = station.events.length;
  await page.goto(platform.origin);
  await turnSoundOn(page);
  await page.getByRole("button", { name: `Call ${door}` }).click();
  await station.told("answered", ({ by }) => by === "station", before);
  await hearTone(page, doorTone);
  await station.told("heard-tone", isPersonTone, before);
  station.type("hang-up");
  await callStage(page, door).getByText("The door hung up").waitFor();
});

test("nobody answers: it is missed, with a picture, and nothing rings any more", async () => {
  const before = station.events.length;
  station.type("press");
  await ringSheet(page, door).waitFor();
  await seePictureCode(page, doorCode);
  station.type("hang-up");
  await station.told("ended", ({ sipStatus }) => sipStatus === 487, before);
  await ringSheet(page, door).waitFor({ state: "hidden" });
  const call = await until(async () => {
    const { calls } = await (await page.request.get(`${platform.origin}/api/calls`)).json();
    return calls[0]?.outcome === "missed" && calls[0].snapshotUrl ? calls[0] : undefined;
  }, "the missed call in the history");
  expect(call).toMatchObject({ door, reason: "caller-left" });
});
