/** Parts are killed under a call. What must go on goes on, what can't is told at once, and the history says what happened. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { beepPitch } from "../../media-nodes/sip-gateway/media/beep.ts";
import { type DemoHouse, startDemoHouse } from "../support/demo-house.ts";
import { answer, callStage, connected, hearTone, latestCall, ringSheet, until, waitingRing } from "../support/desk.ts";
import { holdPort } from "../support/held-port.ts";
import type { PartName } from "../support/platform.ts";
import { listenFor } from "../support/received-audio.ts";

type Station = Awaited<ReturnType<DemoHouse["station"]>>;

/** A shortened limit, in milliseconds: the warning comes 30 s before it. */
const limit = 40_000;

let house: DemoHouse;
let mara: Page;
let entrance: Station;
let gate: Station;

beforeAll(async () => {
  house = await startDemoHouse({ CALL_LIMIT_S: String(limit / 1_000) });
  [entrance, gate] = [await house.station(0, "--no-video"), await house.station(1, "--no-video")];
  mara = await house.desk("mara");
});

afterAll(() => house?.stop());

const isPersonTone = ({ hertz }: { hertz: number | null }) =>
  hertz !== null && Math.abs(hertz - house.personTone) <= 25;

/** Kills the part; resolves when the supervisor has started it again and it is well. */
async function killed(part: PartName): Promise<void> {
  const before = house.platform.restarts(part);
  const back = house.platform.output().length;
  house.platform.kill(part);
  await until(
    async () => (house.platform.output().includes(`${part} is back.`, back) ? true : undefined),
    `${part} back`,
    30_000,
  );
  expect(house.platform.restarts(part)).toBeGreaterThan(before);
}

/** Resolves when this page has lost its connection to the edge and has it again. */
async function reconnected(page: Page): Promise<void> {
  await page.getByText("No connection", { exact: true }).first().waitFor({ state: "attached" });
  await connected(page);
}

/** Waits until the gateway's link to the edge is up, or until the gateway knows that it is not. */
const linkIs = (state: "up" | "down") =>
  until(async () => {
    const response = await fetch(`http://127.0.0.1:${house.platform.ports.GATEWAY_HEALTH_PORT}/health`);
    return (await response.json()).edge === state ? true : undefined;
  }, `the gateway's link to the edge ${state}`);

/** Presses there, answers here, and both hear each other. */
async function talk(page: Page, station: Station): Promise<void> {
  const before = station.events.length;
  station.type("press");
  await answer(page, station.door.name);
  await hearTone(page, station.tone);
  await station.told("heard-tone", isPersonTone, before);
}

let gatePressedAt = 0;

test("workerd killed in a call: the talk goes on, and the sound is interrupted for less than 100 ms", async ({
  annotate,
}) => {
  await talk(mara, entrance);
  // Somebody else waits at another door, and nobody will answer there.
  gate.type("press");
  gatePressedAt = (await gate.told("pressed")).at;
  await waitingRing(mara, gate.door.name).waitFor();

  const begun = Date.now();
  let since = begun;
  // An interruption of ours would come with every kill, that of a machine busy with other things only now and then.
  for (let gap = Number.POSITIVE_INFINITY; gap >= 100; ) {
    expect(Date.now(), "time left for another try").toBeLessThan(begun + 20_000);
    since = Date.now();
    const heard = await listenFor(mara, entrance.tone);
    const back = reconnected(mara);
    await killed("edge");
    await back;
    // Two more seconds of talk after it, by the station's own seconds.
    const restarted = Date.now();
    await entrance.told("heard-tone", ({ at }) => at > restarted + 2_000);
    const { gap: longest, concealed, listened } = await heard();
    await annotate(`longest gap ${longest} ms, made up for ${Math.round(concealed)} ms, in ${listened} ms`);
    expect(listened).toBeGreaterThan(2_000);
    gap = longest;
  }
  // The other direction: every second of it, the person's tone; the warning sounds in one of them where it is due.
  const seconds = entrance.events.flatMap((event) =>
    event.event === "heard-tone" && event.at > since + 1_000 ? [event] : [],
  );
  expect(seconds.length).toBeGreaterThan(2);
  const others = seconds.filter((second) => !isPersonTone(second)).map(({ hertz }) => hertz);
  expect(others.length).toBeLessThan(2);
  for (const hertz of others) expect(Math.abs((hertz ?? 0) - beepPitch)).toBeLessThan(25);
});

test("and what rang rings on, to its time-out of 30 s", async () => {
  await waitingRing(mara, gate.door.name).waitFor();
  const { at } = await gate.told("ended", ({ sipStatus }) => sipStatus === 480, 0, 35_000);
  expect(at - gatePressedAt).toBeGreaterThan(29_000);
  expect(at - gatePressedAt).toBeLessThan(33_000);
  await waitingRing(mara, gate.door.name).waitFor({ state: "hidden" });
  const call = await latestCall(mara, () => true, gate.door.name);
  expect(call).toMatchObject({ outcome: "missed", reason: "no-answer" });
  expect(call.legs.map(({ name, fate }) => [name, fate]).sort()).toEqual([
    ["Jonas Adler", "offline"],
    ["Mara Lenz", "rang"],
  ]);
});

test("and the talk is warned and ended at its limit, and recorded whole", async () => {
  await entrance.told("ended", ({ sipStatus }) => sipStatus === 200, 0, limit);
  const call = await latestCall(mara, () => true, entrance.door.name);
  expect(call).toMatchObject({ outcome: "answered", reason: "time-limit", answeredBy: { name: "Mara Lenz" } });
  const after = (type: string) =>
    Math.round(((call.events.find(({ what }) => what.type === type)?.at ?? 0) - (call.answeredAt ?? 0)) / 1_000);
  expect(after("ended")).toBe(limit / 1_000);
  // It was due while the edge was away, or later: then it is said at once.
  expect(after("warned")).toBeGreaterThanOrEqual(limit / 1_000 - 30);
  expect(after("warned")).toBeLessThan(limit / 1_000 - 10);
});

test("workerd killed while it rings: it rings on, is answered after the restart, and both hear each other", async () => {
  const before = entrance.events.length;
  entrance.type("press");
  await ringSheet(mara, entrance.door.name).waitFor();
  const back = reconnected(mara);
  await killed("edge");
  await back;
  await answer(mara, entrance.door.name);
  await hearTone(mara, entrance.tone);
  await entrance.told("heard-tone", isPersonTone, before);
  await callStage(mara, entrance.door.name).getByRole("button", { name: /^End/ }).click();
  await entrance.told("ended", ({ sipStatus }) => sipStatus === 200, before);
  const call = await latestCall(mara, ({ reason }) => reason === "hung-up-by-person");
  expect(call).toMatchObject({ outcome: "answered", answeredBy: { name: "Mara Lenz" } });
  expect(call.legs.map(({ name, fate }) => [name, fate]).sort()).toEqual([
    ["Jonas Adler", "offline"],
    ["Mara Lenz", "answered"],
  ]);
});

test("a press while the edge is down is told 503 at once; the gateway comes back by itself, ever more patiently, and the next press rings", async () => {
  const before = entrance.events.length;
  house.platform.kill("edge");
  const held = await holdPort(house.platform.ports.MINIFLARE_PORT ?? 0, "/media-node/link");
  onTestFinished(held.release);
  await linkIs("down");
  entrance.type("press");
  const pressed = await entrance.told("pressed", () => true, before);
  const ended = await entrance.told("ended", () => true, before);
  expect(ended).toMatchObject({ sipStatus: 503, reason: "Edge Unreachable" });
  expect(ended.at - pressed.at).toBeLessThan(500);
  await held.tried(5);
  const pauses = held.attempts.slice(1).map((at, n) => at - (held.attempts[n] ?? 0));
  expect(pauses.at(-1)).toBeGreaterThan(2 * (pauses[0] ?? 0));
  await held.release();
  await linkIs("up");
  await connected(mara);
  await talk(mara, entrance);
  await callStage(mara, entrance.door.name).getByRole("button", { name: /^End/ }).click();
  await entrance.told("ended", ({ sipStatus }) => sipStatus === 200, before);
});

test("LiveKit killed in a call: the browser is told within 5 s, the call is recorded as broken, and the next one works", async () => {
  await talk(mara, entrance);
  const told = callStage(mara, entrance.door.name)
    .getByText(/^The call broke/)
    .waitFor();
  const at = Date.now();
  const back = killed("livekit");
  await told;
  expect(Date.now() - at).toBeLessThan(5_000);
  expect(await latestCall(mara, ({ outcome }) => outcome === "broken")).toMatchObject({ reason: "failed" });
  await back;
  await talk(mara, entrance);
  await callStage(mara, entrance.door.name).getByRole("button", { name: /^End/ }).click();
  await latestCall(mara, ({ outcome }) => outcome === "answered");
});

test("LiveKit killed while it rings: door and browser are told within 5 s, it is recorded, and the next press rings", async () => {
  const before = entrance.events.length;
  entrance.type("press");
  await ringSheet(mara, entrance.door.name).waitFor();
  await entrance.told("early-media", undefined, before);
  const at = Date.now();
  const back = killed("livekit");
  const ended = await entrance.told("ended", undefined, before);
  await ringSheet(mara, entrance.door.name).waitFor({ state: "hidden" });
  expect(ended).toMatchObject({ sipStatus: 500, reason: "Call Failed" });
  expect(Date.now() - at).toBeLessThan(5_000);
  const call = await latestCall(mara, ({ answeredAt }) => answeredAt === undefined);
  expect(call).toMatchObject({ outcome: "broken", door: entrance.door.name });
  await back;
  const again = entrance.events.length;
  entrance.type("press");
  await ringSheet(mara, entrance.door.name).waitFor();
  entrance.type("hang-up");
  await entrance.told("ended", ({ sipStatus }) => sipStatus === 487, again);
  await ringSheet(mara, entrance.door.name).waitFor({ state: "hidden" });
});

test("the media node killed in a call: the browser is told within 5 s, and the call is recorded as broken", async () => {
  await talk(mara, entrance);
  const told = callStage(mara, entrance.door.name).getByText("The call broke: a part of the platform failed").waitFor();
  const at = Date.now();
  house.platform.kill("sip-gateway");
  await told;
  expect(Date.now() - at).toBeLessThan(5_000);
  const call = await latestCall(mara, ({ outcome }) => outcome === "broken");
  expect(call.reason).toBe("media-node-lost");
});
