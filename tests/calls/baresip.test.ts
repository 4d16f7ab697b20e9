/** The first call with a door station and a browser that we did not write: baresip presses, Chromium answers. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { demoDoors } from "../../db/seed/demo.ts";
import { type Baresip, registered, startBaresip } from "../support/baresip.ts";
import { openProfile, startBrowser } from "../support/browser.ts";
import { randomPictureCode, writeStationCamera } from "../support/camera.ts";
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
import { enrolled } from "../support/enrolled.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { takePorts } from "../support/ports.ts";
import { dominantTone, part, randomTone, writeToneFile } from "../support/tone.ts";

const door = demoDoors[2];
const doorTone = randomTone();
const personTone = randomTone();
const doorCode = randomPictureCode();

let platform: Platform;
let browser: Browser;
let page: Page;
let station: Baresip;

beforeAll(async () => {
  platform = await startPlatform();
  const file = (name: string) => join(platform.dataDir, name);
  writeToneFile(file("person.wav"), personTone);
  writeToneFile(file("door.wav"), doorTone);
  await writeStationCamera(file("door.mp4"), doorCode);
  const { certificate, key } = await enrolled(stationSettings(platform), door.id);
  writeFileSync(file("door.pem"), readFileSync(certificate, "utf8") + readFileSync(key, "utf8"), { mode: 0o600 });
  // It takes a second port beside the first, and twenty for its media.
  const ports = await takePorts(40);
  const [sip = 0, control = 0, rtp = 0] = [ports[0], ports[10], ports[15]];
  station = await startBaresip({
    folder: file("baresip"),
    deviceId: door.id,
    certificate: file("door.pem"),
    serverAuthority: join(file("pki"), "server-ca.pem"),
    registrar: { host: "127.0.0.1", port: platform.sipPort },
    ports: { sip, control, rtp },
    microphone: file("door.wav"),
    camera: file("door.mp4"),
  });
  await station.said(registered);
  browser = await startBrowser({ microphone: file("person.wav") });
  page = await (await openProfile(browser, platform.origin)).newPage();
  await signIn(page, platform.origin, platform.accounts.mara);
  await turnSoundOn(page);
});

afterAll(async () => {
  await browser?.close();
  await station?.stop();
  await platform?.stop();
});

test("baresip presses: Chromium rings and shows its very picture; answered, the tone it plays is the tone that is heard", async () => {
  station.command("dial", `sip:bell@127.0.0.1:${platform.sipPort}`);
  await ringSheet(page, door.name).waitFor();
  await seePictureCode(page, doorCode);
  await answer(page, door.name);
  await hearTone(page, doorTone);
});

test("baresip's recording holds the tone of the browser's microphone", async () => {
  await until(
    async () => (dominantTone(part(station.heard(), -0.5)) === personTone ? true : undefined),
    `${personTone} Hz in baresip's recording`,
  );
});

test("holding open reaches it as one dialled digit, confirmed by its answer, and the call goes on", async () => {
  await holdToOpen(page, callStage(page, door.name));
  await callStage(page, door.name).getByText(`${door.output} opened`).waitFor();
  await hearTone(page, doorTone);
});

test("hung up at the door, the call is in the history with its picture, and is there after everything was killed", async () => {
  station.command("hangup");
  const call = await until(async () => {
    const { calls } = await (await page.request.get(`${platform.origin}/api/calls`)).json();
    return calls[0];
  }, "the call in the history");
  expect(call).toMatchObject({
    door: door.name,
    outcome: "answered",
    reason: "hung-up-by-station",
    openedBy: "Mara Lenz",
  });
  await platform.killAll();
  await platform.startAgain();
  await page.goto(`${platform.origin}/history/${call.callId}`);
  await page.getByText("You answered in the browser").waitFor();
  await seePictureCode(page, doorCode, new RegExp(door.name));
});
