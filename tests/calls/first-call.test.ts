/** The product's main job with parts of ours at the door: a press rings, someone answers, the door opens, it is in the history. */
import { randomUUID } from "node:crypto";
import { RoomServiceClient } from "livekit-server-sdk";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deviceDetail } from "#core/messages/device-api.ts";
import { commandId, deviceId } from "#core/messages/values.ts";
import { randomPictureCode } from "../support/camera.ts";
import { type DemoHouse, startDemoHouse } from "../support/demo-house.ts";
import {
  answer,
  callStage,
  hearTone,
  holdToOpen,
  latestCall,
  ringSheet,
  seePictureCode,
  turnSoundOn,
} from "../support/desk.ts";
import { signIn, startListener } from "../support/listener.ts";
import { portalApi } from "../support/portal-api.ts";
import { startRtspCamera } from "../support/rtsp-camera.ts";

const door = "Main entrance";

const hallLight = { when: "in-call", output: 2, name: "Hall light", delay: 0, enabled: true } as const;
const hallLights = () => station.events.flatMap((event) => (event.event === "output" ? [event.on] : []));

let house: DemoHouse;
let page: Page;
let station: Awaited<ReturnType<DemoHouse["station"]>>;

/** What the station heard was the person's microphone. */
const isPersonTone = ({ hertz }: { hertz: number | null }) =>
  hertz !== null && Math.abs(hertz - house.personTone) <= 25;

beforeAll(async () => {
  house = await startDemoHouse();
  station = await house.station(0);
  page = await house.desk("mara");
  const mara = await portalApi(house.platform.origin, house.platform.accounts.mara);
  const path = `/api/devices/${station.door.id}`;
  const { version } = deviceDetail.parse(await (await mara.get(path)).json());
  expect((await mara.patch(path, { version, outputRules: [hallLight] })).status).toBe(200);
  await station.told("configured", (configured) => configured.version > version);
});

afterAll(() => house?.stop());

test("a press rings the browser, with the door's moving picture before anyone answers", async () => {
  station.type("press");
  await ringSheet(page, door).waitFor();
  await seePictureCode(page, station.pictureCode);
  await station.told("early-media");
  // Nobody answered: nothing may have reached the door.
  expect(station.events.filter((event) => event.event === "heard-tone" && event.packets > 0)).toEqual([]);
});

test("answered, both hear each other, and the output that follows a call is on until its end", async () => {
  expect(hallLights()).toEqual([]);
  await answer(page, door);
  await hearTone(page, station.tone);
  await station.told("heard-tone", isPersonTone);
  expect(hallLights()).toEqual([true]);
});

/** What LiveKit has of the person's camera. */
async function personVideo() {
  const { ports, secrets } = house.platform;
  const { LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = secrets;
  const liveKit = new RoomServiceClient(`http://127.0.0.1:${ports.LIVEKIT_PORT}`, LIVEKIT_API_KEY, LIVEKIT_API_SECRET);
  const [room] = await liveKit.listRooms();
  const participants = await liveKit.listParticipants(room?.name ?? "");
  return participants.flatMap(({ tracks }) => tracks).find(({ name }) => name === "person-video");
}

test("V adds the camera, and the door sees the person, in the one layer of H.264 that a station can show", async () => {
  await page.keyboard.press("v");
  await station.told("picture-code", ({ code }) => code === house.personCode);
  expect(await personVideo()).toMatchObject({ mimeType: "video/H264", simulcast: false });
});

test("holding opens the door once, the door says so, and the call goes on", async () => {
  await holdToOpen(page, callStage(page, door));
  await callStage(page, door).getByText("Street door opened").waitFor();
  await station.told("contact", ({ contact }) => contact === "open");
  expect(station.events.filter(({ event }) => event === "output-fired")).toHaveLength(1);
  await hearTone(page, station.tone);
});

test("hung up, the call is in the history within a second, with everything that happened and the caller's picture", async () => {
  await callStage(page, door).getByRole("button", { name: /^End/ }).click();
  const hungUp = Date.now();
  await station.told("ended");
  await station.told("output", ({ on }) => !on);
  const call = await latestCall(page);
  expect(Date.now() - hungUp).toBeLessThan(1_000 + 500); // the asking takes its time, too
  expect(call).toMatchObject({ door, outcome: "answered", answeredBy: { name: "Mara Lenz" }, openedBy: "Mara Lenz" });
  await page.goto(`${house.platform.origin}/history/${call.callId}`);
  await page.getByText("You answered in the browser").waitFor();
  await seePictureCode(page, station.pictureCode, new RegExp(door));
});

test("the station is called from the browser, and answers", async () => {
  const before = station.events.length;
  await page.goto(house.platform.origin);
  await turnSoundOn(page);
  await page.getByRole("button", { name: `Call ${door}` }).click();
  await station.told("answered", ({ by }) => by === "station", before);
  await hearTone(page, station.tone);
  await station.told("heard-tone", isPersonTone, before);
  station.type("hang-up");
  await callStage(page, door).getByText("The door hung up").waitFor();
});

test("held before anyone answers, the door opens once however often it is pressed; it rings on, and the history says who", async () => {
  // Of the opening before this one.
  await station.told("contact", ({ contact }) => contact === "closed");
  const before = station.events.length;
  const fired = () => station.events.slice(before).filter(({ event }) => event === "output-fired").length;
  station.type("press");
  const sheet = ringSheet(page, door);
  const button = sheet.getByRole("button", { name: /Hold to open/ });
  for (let taps = 0; taps < 3; taps++) await button.click();
  await holdToOpen(page, sheet);
  await station.told("contact", ({ contact }) => contact === "open", before);
  await sheet.getByRole("button", { name: /^Open/ }).waitFor();
  expect(fired()).toBe(1);

  // A client that is not sure that it was heard says the very same again.
  const { email, password } = house.platform.accounts.jonas;
  const jonas = await startListener(house.platform.origin, await signIn(house.platform.origin, email, password));
  const open = (id: string) =>
    ({ type: "open-door", commandId: commandId.parse(randomUUID()), deviceId: deviceId.parse(id) }) as const;
  const command = open(station.door.id);
  const opened = jonas.next("door-command", (it) => it.commandId === command.commandId && it.state === "confirmed");
  for (let times = 0; times < 3; times++) jonas.say(command);
  await opened;
  // Said after them and answered: by now the other two have been looked at as well.
  const refused = jonas.next("door-command", ({ state }) => state === "refused");
  jonas.say(open(randomUUID()));
  await refused;
  jonas.close();
  expect(fired()).toBe(2);

  await sheet.getByRole("button", { name: /^Answer(?! with)/ }).waitFor();
  expect(station.events.slice(before).filter(({ event }) => event === "answered" || event === "ended")).toEqual([]);
  station.type("hang-up");
  await station.told("ended", ({ sipStatus }) => sipStatus === 487, before);
  const call = await latestCall(page, ({ outcome }) => outcome === "missed");
  expect(call).toMatchObject({ door, reason: "caller-left" });
  const openings = call.events.flatMap(({ what }) => (what.type === "door" ? [`${what.state} by ${what.by}`] : []));
  expect(openings).toEqual(expect.arrayContaining(["confirmed by Mara Lenz", "confirmed by Jonas Adler"]));
});

test("nobody answers: it is missed, with a picture taken within a second of the press, and nothing rings any more", async () => {
  const before = station.events.length;
  station.type("press");
  await ringSheet(page, door).waitFor();
  await seePictureCode(page, station.pictureCode);
  station.type("hang-up");
  await station.told("ended", ({ sipStatus }) => sipStatus === 487, before);
  await ringSheet(page, door).waitFor({ state: "hidden" });
  const call = await latestCall(page, ({ outcome, snapshotUrl }) => outcome === "missed" && snapshotUrl !== undefined);
  expect(call).toMatchObject({ door, reason: "caller-left" });
  expect((call.snapshotAt ?? Number.POSITIVE_INFINITY) - call.startedAt).toBeLessThan(1_000);
});

test("another maker's camera is seen instead of the station's own picture, its own where that camera doesn't answer, and both where it is beside", async () => {
  const code = randomPictureCode();
  const camera = await startRtspCamera(code);
  try {
    const mara = await portalApi(house.platform.origin, house.platform.accounts.mara);
    const path = `/api/devices/${station.door.id}`;
    const { version } = deviceDetail.parse(await (await mara.get(path)).json());
    const { address, credentials } = camera;
    const yard = { id: randomUUID(), name: "Courtyard camera", address, credentials, shown: "instead" };
    expect((await mara.patch(path, { version, cameras: [yard] })).status).toBe(200);
    await station.told("camera", ({ answers }) => answers);

    const before = station.events.length;
    station.type("press");
    await ringSheet(page, door).waitFor();
    await seePictureCode(page, code);
    await camera.cover();
    await seePictureCode(page, station.pictureCode);
    await ringSheet(page, door).getByText("Courtyard camera doesn’t answer").waitFor();
    station.type("hang-up");
    await station.told("ended", undefined, before);

    await camera.uncover();
    await station.told("camera", ({ answers }) => answers, before);
    const rung = station.events.length;
    station.type("press");
    await answer(page, door);
    await seePictureCode(page, code);
    await callStage(page, door).getByRole("button", { name: /^End/ }).click();
    await station.told("ended", undefined, rung);

    const shownBeside = deviceDetail.parse(await (await mara.get(path)).json());
    const cameras = [{ ...yard, credentials: undefined, shown: "beside" }];
    expect((await mara.patch(path, { version: shownBeside.version, cameras })).status).toBe(200);
    await station.told("configured", ({ version: applied }) => applied > shownBeside.version);
    const pressed = station.events.length;
    station.type("press");
    await ringSheet(page, door).waitFor();
    await seePictureCode(page, station.pictureCode);
    await ringSheet(page, door).getByRole("button", { name: "Swap with the other camera" }).click();
    await seePictureCode(page, code);
    await answer(page, door);
    const swap = callStage(page, door).getByRole("button", { name: "Swap with the other camera" });
    await swap.waitFor();
    await seePictureCode(page, station.pictureCode);
    await swap.click();
    await seePictureCode(page, code);
    await callStage(page, door).getByRole("button", { name: /^End/ }).click();
    await station.told("ended", undefined, pressed);
  } finally {
    await camera.stop();
  }
});
