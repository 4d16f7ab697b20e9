/** A new station's QR code is held before a person's camera, and it is theirs; its log is read; it is handed on to another house. */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { encode } from "uqr";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deviceDetail } from "#core/messages/device-api.ts";
import { deviceLogList } from "#core/messages/device-logs.ts";
import { commandId, deviceId } from "#core/messages/values.ts";
import { openProfile, startBrowser } from "../support/browser.ts";
import { answer, callStage, holdToOpen, latestCall, ringSheet, signIn, turnSoundOn } from "../support/desk.ts";
import { startListener } from "../support/listener.ts";
import { type Platform, startPlatform, stationSettings } from "../support/platform.ts";
import { type PortalApi, portalApi } from "../support/portal-api.ts";
import { type ReferenceStation, startReferenceStation } from "../support/reference-station.ts";
import { mailedLink, signUpNora } from "../support/second-house.ts";
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
let mara: PortalApi;
const serial = `Q-${process.pid}`;

beforeAll(async () => {
  platform = await startPlatform();
  station = startReferenceStation(["new", "--device", serial], stationSettings(platform));
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
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("link", { name: "Delivery entrance" }).waitFor();
  await station.told("configured", ({ version }) => version >= 2);
  station.type("press");
  await ringSheet(page, "Delivery entrance").waitFor();
  station.type("hang-up");
});

/** What only Mara's house may know: its camera's name and its password. */
const camera = { name: `Yard ${randomBytes(4).toString("hex")}`, password: randomBytes(12).toString("hex") };

/** What is set for the station in her house: a camera with a secret, a rule, and who alone opens. */
async function furnish(id: string): Promise<void> {
  const { version } = deviceDetail.parse(await (await mara.get(`/api/devices/${id}`)).json());
  const credentials = { user: "station", password: camera.password };
  const cameras = [
    { id: randomUUID(), name: camera.name, address: "rtsp://127.0.0.1:9/none", shown: "beside", credentials },
  ];
  const openedBy = { roles: ["owner"], people: [] };
  const doorOpeners = [{ output: 1, name: "Roller shutter", pulse: 3_000, confirm: "hold", openedBy }];
  const outputRules = [{ when: "ringing", output: 2, name: "Yard light", delay: 0, duration: 60_000, enabled: true }];
  const response = await mara.patch(`/api/devices/${id}`, { version, cameras, doorOpeners, outputRules });
  expect(response.status).toBe(200);
}

/** The address of the page that is open names the device. */
const deviceOnPage = () => new URL(page.url()).pathname.split("/").at(-1) ?? "";

test("its log is fetched and read in the browser, and the audit says who looked", async () => {
  mara = await portalApi(platform.origin, platform.accounts.mara);
  await page.getByRole("link", { name: "Devices" }).click();
  await page.getByRole("link", { name: "Delivery entrance" }).click();
  await page.getByRole("heading", { name: "Delivery entrance" }).waitFor();
  await furnish(deviceOnPage());
  await station.told("camera", ({ name, answers }) => name === camera.name && !answers);
  const card = page.getByRole("region", { name: "Log", exact: true });
  await card.getByRole("button", { name: "Fetch now" }).click();
  await card.getByRole("button", { name: "Show the lines" }).click();
  await card.getByText(`The camera "${camera.name}" doesn't answer.`).first().waitFor();
  await page.getByRole("link", { name: "Audit" }).click();
  await page.getByRole("cell", { name: "Looked at the log of Delivery entrance" }).waitFor();
});

/** Everything that the station keeps on its disk but what its factory gave it. */
function onItsDisk(): string {
  const folders = ["pki/devices", "stations"].map((name) => join(platform.dataDir, name));
  return folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)))
    .filter((path) => path.includes(serial) && statSync(path).isFile())
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
}

test("handed on by mail, it forgets the house it leaves, rings the one it comes to alone, and the old one keeps its history", async () => {
  const { origin } = platform;
  await page.getByRole("link", { name: "Devices" }).click();
  await page.getByRole("link", { name: "Delivery entrance" }).click();
  await page.getByRole("heading", { name: "Delivery entrance" }).waitFor();
  const before = deviceOnPage();
  for (const known of [camera.name, camera.password, "Roller shutter"]) expect(onItsDisk()).toContain(known);
  const nora = await signUpNora(platform);
  await page.getByRole("button", { name: "Hand on…" }).click();
  await page.getByRole("dialog").getByLabel("E-mail address").fill(nora.email);
  await page.getByRole("button", { name: "Send the offer" }).click();
  await page.getByText(`Offered to ${nora.email}`).waitFor();

  const theirs = await (await openProfile(browser, origin)).newPage();
  await signIn(theirs, origin, nora);
  await turnSoundOn(theirs);
  const listening = await startListener(origin, mara.cookie);
  const events = station.events.length;
  await theirs.goto(await mailedLink(platform.ports.MAIL_PORT ?? 0, nora.email, "/transfer"));
  await theirs.getByText("Mara Lenz offers it to Holm & Co.", { exact: false }).waitFor();
  await theirs.getByLabel("Name").fill("Loading dock");
  await theirs.getByRole("button", { name: "Take it over" }).click();
  await theirs.getByRole("heading", { name: "Loading dock is ready." }).waitFor({ timeout: 60_000 });
  expect(await theirs.getByText("A button was pressed there").count()).toBe(0);
  const { deviceId: now } = await station.told("enrolled", undefined, events);
  expect(now).not.toBe(before);
  for (const known of [camera.name, camera.password, "Roller shutter", "Yard light", before])
    expect(onItsDisk()).not.toContain(known);

  // It rings the new owner, who opens it, and nobody of the old house.
  await turnSoundOn(theirs);
  station.type("press");
  await ringSheet(theirs, "Loading dock").waitFor();
  await answer(theirs, "Loading dock");
  await holdToOpen(theirs, callStage(theirs, "Loading dock"));
  await station.told("output-fired", undefined, events);
  station.type("hang-up");
  await latestCall(theirs, ({ door, openedBy }) => door === "Loading dock" && openedBy === "Nora Holm");

  // Nothing of what it was before reaches them, by its log neither.
  const noras = await portalApi(origin, nora);
  await theirs.goto(`${origin}/devices/${now}`);
  const log = theirs.getByRole("region", { name: "Log", exact: true });
  await log.getByRole("button", { name: "Fetch now" }).click();
  await log.getByRole("button", { name: "Show the lines" }).click();
  await log.getByText("Registered. The door is online.").first().waitFor();
  const paths = [`/api/devices/${now}`, `/api/devices/${now}/logs`, "/api/calls", "/api/audit", "/api/doors"];
  const { logs } = deviceLogList.parse(await (await noras.get(`/api/devices/${now}/logs`)).json());
  for (const path of [...paths, ...logs.map(({ logId }) => `/api/devices/${now}/logs/${logId}`)]) {
    const response = await noras.get(path);
    expect(response.status, path).toBe(200);
    const text = await response.text();
    for (const known of [camera.name, camera.password, "Roller shutter", "Yard light", before, "Delivery entrance"])
      expect(text, path).not.toContain(known);
  }

  // Mara heard nothing of it, sees it no more and opens it no more; what it did for her stays.
  for (const id of [before, now].map((text) => deviceId.parse(text))) {
    expect((await mara.get(`/api/devices/${id}`)).status).toBe(404);
    const refused = listening.next("door-command", (one) => one.deviceId === id);
    listening.say({ type: "open-door", commandId: commandId.parse(randomUUID()), deviceId: id });
    expect(await refused).toMatchObject({ state: "refused", reason: "not-allowed" });
  }
  expect(listening.heard.filter(({ type }) => type === "ring")).toEqual([]);
  expect(await ringSheet(page, "Loading dock").count()).toBe(0);
  await page.getByRole("link", { name: "Doors" }).click();
  await page.getByRole("article", { name: "Main entrance" }).waitFor();
  expect(await page.getByRole("article", { name: /Delivery entrance|Loading dock/ }).count()).toBe(0);
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("link", { name: "Delivery entrance" }).first().waitFor();
  expect(await page.getByRole("link", { name: "Loading dock" }).count()).toBe(0);

  const saidInAudit = async (who: Page, said: string) => {
    await who.getByRole("link", { name: "Audit" }).click();
    await who.getByRole("cell", { name: said }).waitFor();
  };
  await saidInAudit(page, "Offered to hand Delivery entrance over");
  await saidInAudit(page, "Handed Delivery entrance over");
  await saidInAudit(theirs, "Took Loading dock over");
  await saidInAudit(theirs, "Looked at the log of Loading dock");
});
