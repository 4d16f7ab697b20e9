/** The first call with a door station and a browser that we did not write: baresip presses, Chromium answers. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DemoHouse, startDemoHouse } from "../support/demo-house.ts";
import {
  answer,
  callStage,
  hearTone,
  holdToOpen,
  latestCall,
  ringSheet,
  seePictureCode,
  until,
} from "../support/desk.ts";
import { dominantTone, part } from "../support/tone.ts";

let house: DemoHouse;
let page: Page;
let station: Awaited<ReturnType<DemoHouse["baresip"]>>;

beforeAll(async () => {
  house = await startDemoHouse();
  station = await house.baresip(2);
  page = await house.desk("mara");
});

afterAll(() => house?.stop());

test("baresip presses: Chromium rings and shows its very picture; answered, the tone it plays is the tone that is heard", async () => {
  station.command("dial", `sip:bell@127.0.0.1:${house.platform.sipPort}`);
  await ringSheet(page, station.door.name).waitFor();
  await seePictureCode(page, station.pictureCode);
  await answer(page, station.door.name);
  await hearTone(page, station.tone);
});

test("baresip's recording holds the tone of the browser's microphone", async () => {
  await until(
    async () => (dominantTone(part(station.heard(), -0.5)) === house.personTone ? true : undefined),
    `${house.personTone} Hz in baresip's recording`,
  );
});

test("holding open reaches it as one dialled digit, confirmed by its answer, and the call goes on", async () => {
  await holdToOpen(page, callStage(page, station.door.name));
  await callStage(page, station.door.name).getByText(`${station.door.output} opened`).waitFor();
  await hearTone(page, station.tone);
});

test("hung up at the door, the call is in the history with its picture, and is there after everything was killed", async () => {
  station.command("hangup");
  const call = await latestCall(page);
  expect(call).toMatchObject({
    door: station.door.name,
    outcome: "answered",
    reason: "hung-up-by-station",
    openedBy: "Mara Lenz",
  });
  await house.platform.killAll();
  await house.platform.startAgain();
  await page.goto(`${house.platform.origin}/history/${call.callId}`);
  await page.getByText("You answered in the browser").waitFor();
  await seePictureCode(page, station.pictureCode, new RegExp(station.door.name));
});
