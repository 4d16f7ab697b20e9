/** A connection that turns poor in a call: pictures stand still on both ways, the talk goes on, and they come back. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openProfile, startBrowser } from "../support/browser.ts";
import { randomPictureCode, writeBrowserCamera } from "../support/camera.ts";
import { answer, callStage, hearTone, ringSheet, seePictureCode, signIn, turnSoundOn, until } from "../support/desk.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";
import { randomTone, writeToneFile } from "../support/tone.ts";

const door = "Main entrance";
const doorTone = randomTone();
const doorCode = randomPictureCode();
const personCode = randomPictureCode();

let platform: Platform;
let browser: Browser;
let page: Page;
let station: ReferenceStation;

declare global {
  interface Window {
    /** Every fifth packet of sound counts as lost. */
    losesSound: boolean;
    senders: RTCRtpSender[];
  }
}

/** Runs before the page's scripts: the browser's statistics tell of losses while `losesSound`, which loopback never has. */
function pretendLosses() {
  window.losesSound = false;
  window.senders = [];
  const read = RTCRtpReceiver.prototype.getStats;
  let lost = 0;
  let before = 0;
  RTCRtpReceiver.prototype.getStats = async function () {
    const report = await read.call(this);
    if (this.track.kind !== "audio" || !window.losesSound) return report;
    const entries = new Map(report.entries());
    for (const [id, entry] of entries) {
      if (entry.type !== "inbound-rtp") continue;
      lost += Math.max(0, entry.packetsReceived - before) / 4;
      before = entry.packetsReceived;
      entries.set(id, { ...entry, packetsLost: entry.packetsLost + lost });
    }
    return entries;
  };
  const replace = RTCRtpSender.prototype.replaceTrack;
  RTCRtpSender.prototype.replaceTrack = function (track) {
    if (!window.senders.includes(this)) window.senders.push(this);
    return replace.call(this, track);
  };
}

/** Packets of pictures and of sound that have come so far, and frames of the own camera that have gone. */
const counted = () =>
  page.evaluate(async () => {
    const count = { pictures: 0, sound: 0, own: 0 };
    for (const receiver of window.receivers) {
      for (const entry of (await receiver.getStats()).values()) {
        if (entry.type !== "inbound-rtp") continue;
        if (entry.kind === "video") count.pictures += entry.packetsReceived;
        else count.sound += entry.packetsReceived;
      }
    }
    for (const sender of window.senders) {
      for (const entry of (await sender.getStats()).values()) {
        if (entry.type === "outbound-rtp" && entry.kind === "video") count.own += entry.framesSent ?? 0;
      }
    }
    return count;
  });
const within = async (milliseconds: number) => {
  const before = await counted();
  await page.waitForTimeout(milliseconds);
  const after = await counted();
  return { pictures: after.pictures - before.pictures, sound: after.sound - before.sound, own: after.own - before.own };
};
const paused = () => callStage(page, door).getByText("Picture paused so that you hear each other");

beforeAll(async () => {
  platform = await startPlatform();
  const microphone = join(platform.dataDir, "person.wav");
  const camera = join(platform.dataDir, "person.y4m");
  writeToneFile(microphone, randomTone() + 1600, { spoken: true });
  await writeBrowserCamera(camera, personCode);
  browser = await startBrowser({ microphone, camera });
  const profile = await openProfile(browser, platform.origin);
  await profile.addInitScript(pretendLosses);
  page = await profile.newPage();
  station = startReferenceStation(
    ["listen", "--tone", String(doorTone), "--picture-code", String(doorCode)],
    stationSettings(platform),
  );
  await station.told("registered");
  await signIn(page, platform.origin, platform.accounts.mara);
  await turnSoundOn(page);
  station.type("press");
  await ringSheet(page, door).waitFor();
  await answer(page, door);
  // A second of talk: keys count half a second after what they belong to has appeared.
  await station.told("heard-tone");
  await page.keyboard.press("v");
  await station.told("picture-code", ({ code }) => code === personCode);
  await seePictureCode(page, doorCode);
});

afterAll(async () => {
  await browser?.close();
  await station?.stop();
  await platform?.stop();
});

test("poor for some seconds, it fetches and sends no pictures any more, says so, and the talk goes on", async () => {
  await page.evaluate(() => {
    window.losesSound = true;
  });
  await paused().waitFor({ timeout: 10_000 });
  await until(async () => ((await within(500)).pictures === 0 ? true : undefined), "the end of the pictures");
  const seen = await within(2_000);
  expect(seen).toMatchObject({ pictures: 0, own: 0 });
  expect(seen.sound).toBeGreaterThan(50);
  await hearTone(page, doorTone);
});

test("good again, the pictures come back by themselves on both ways", async () => {
  const before = station.events.length;
  await page.evaluate(() => {
    window.losesSound = false;
  });
  await paused().waitFor({ state: "detached", timeout: 20_000 });
  await until(async () => ((await within(500)).pictures > 0 ? true : undefined), "the pictures");
  await seePictureCode(page, doorCode);
  await station.told("picture-code", ({ code }) => code === personCode, before);
});
