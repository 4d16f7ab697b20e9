/** A person with a camera: the QR code on a new station is held before it, the button is pressed, and the station is theirs. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { encode } from "uqr";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openProfile, startBrowser } from "../support/browser.ts";
import { signIn, turnSoundOn } from "../support/desk.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";
import { writeToneFile } from "../support/tone.ts";

const folder = mkdtempSync(join(tmpdir(), "claim-"));
const [width, height] = [640, 480];

/** A camera that looks at this code: a Y4M file of one still frame, that Chromium plays in a loop. */
function cameraBefore(text: string): string {
  const { data, size } = encode(text, { border: 4 });
  const scale = Math.floor(height / size);
  const at = (x: number, y: number) =>
    data[Math.floor(y / scale)]?.[Math.floor((x - (width - size * scale) / 2) / scale)];
  const luma = Buffer.from(
    Array.from({ length: width * height }, (_, n) => (at(n % width, Math.floor(n / width)) ? 20 : 235)),
  );
  const frame = Buffer.concat([Buffer.from("FRAME\n"), luma, Buffer.alloc((width * height) / 2, 128)]);
  const head = `YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420mpeg2\n`;
  const path = join(folder, "code.y4m");
  writeFileSync(path, Buffer.concat([Buffer.from(head), frame, frame]));
  return path;
}

let platform: Platform;
let browser: Browser;
let page: Page;
let station: ReferenceStation;

beforeAll(async () => {
  platform = await startPlatform();
  station = startReferenceStation(["new", "--device", `Q-${process.pid}`], stationSettings(platform));
  const { code } = await station.told("unclaimed");
  const microphone = join(folder, "microphone.wav");
  writeToneFile(microphone, 440, { spoken: true });
  browser = await startBrowser({ microphone, camera: cameraBefore(code) });
  page = await (await openProfile(browser, platform.origin)).newPage();
  await signIn(page, platform.origin, platform.accounts.mara);
  await turnSoundOn(page);
});
afterAll(async () => {
  await station?.stop();
  await browser?.close();
  await platform?.stop();
});

test("scanned, pressed and named, the station is in the list, and its first ring shows its new name", async () => {
  await page.getByRole("link", { name: "Devices" }).click();
  await page.getByRole("button", { name: "Claim a device" }).click();
  await page.getByRole("button", { name: "Scan the QR code" }).click();
  await page.getByRole("heading", { name: "Press the button at the device." }).waitFor();
  const began = Date.now();
  station.type("press");
  await page.getByText(/^Certificate until/).waitFor();
  await page.getByRole("heading", { name: /is ready\.$/ }).waitFor();
  expect(Date.now() - began).toBeLessThan(60_000);

  await page.getByLabel("Name").fill("Delivery entrance");
  await page.getByRole("button", { name: "Save, and finish by itself" }).click();
  await page.getByRole("link", { name: "Delivery entrance" }).waitFor();
  await station.told("configured", ({ version }) => version >= 2);
  station.type("press");
  await page.getByRole("alertdialog", { name: "Delivery entrance rings" }).waitFor();
  station.type("hang-up");
});
