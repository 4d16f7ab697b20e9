/** What ends by the clock: a talk at its limit, warned before, and the part of a client that is not heard of any more. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { playedTones } from "../support/browser.ts";
import { type DemoHouse, startDemoHouse } from "../support/demo-house.ts";
import { answer, callStage, latestCall } from "../support/desk.ts";
import { type Listener, signIn, startListener } from "../support/listener.ts";
import { loudSpans } from "../support/tone.ts";

/** Shortened, in milliseconds: both are warned 30 s before. */
const limit = 40_000;
/** What the gateway sounds at the station, and the browser for itself. Hz. */
const warningTone = 1_000;

let house: DemoHouse;
let page: Page;
let side: Awaited<ReturnType<DemoHouse["baresip"]>>;
let entrance: Awaited<ReturnType<DemoHouse["station"]>>;
let silent: Listener;
let silentSince = 0;

beforeAll(async () => {
  house = await startDemoHouse({ CALL_LIMIT_S: String(limit / 1_000) });
  [side, entrance] = [await house.baresip(2), await house.station(0, "--no-video")];
  const { origin, accounts } = house.platform;
  silent = await startListener(origin, await signIn(origin, accounts.jonas.email, accounts.jonas.password), {
    silent: true,
  });
  // Jonas's client answers and says nothing from then on, not even a ping: its socket stays open.
  const ring = silent.next("ring");
  entrance.type("press");
  const { callId, legId } = await ring;
  silent.say({ type: "answer", callId, legId, camera: false });
  silentSince = Date.now();
  await entrance.told("answered");
  // Mara talks at the other door meanwhile.
  page = await house.desk("mara");
  side.command("dial", `sip:bell@127.0.0.1:${house.platform.sipPort}`);
  await answer(page, side.door.name);
});

afterAll(() => house?.stop());

test("30 s before the end of a talk both are warned: it is read and heard in the browser, and heard at the door", async () => {
  const stage = callStage(page, side.door.name);
  await stage.getByText(/ends by itself at 0:40, warning at 0:10/).waitFor();
  await stage.getByText("The call ends in 30 seconds").waitFor({ state: "attached" });
  const warnedAt = Date.now();
  await stage
    .getByText(/ends in (30|29|28) s/)
    .first()
    .waitFor();
  await expect
    .poll(() => playedTones(page, warnedAt - 1_000))
    .toContainEqual(expect.toSatisfy((hertz: number) => Math.abs(hertz - warningTone) < 25));
  // Two beeps of 160 ms with a short silence between them, in what baresip's loudspeaker played.
  await expect
    .poll(() => loudSpans(side.heard(), warningTone).map(({ length }) => Math.round(length * 10)))
    .toEqual([2, 2]);
});

test("at the limit the talk ends for both, and the history says why", async () => {
  const stage = callStage(page, side.door.name);
  await stage.getByText("Ended at the time limit").waitFor({ timeout: limit + 5_000 });
  await side.event("CALL_CLOSED");
  const call = await latestCall(page, () => true, side.door.name);
  expect(call).toMatchObject({ outcome: "answered", reason: "time-limit", answeredBy: { name: "Mara Lenz" } });
  const { answeredAt = 0, endedAt } = call;
  const warned = call.events.find(({ what }) => what.type === "warned");
  expect(Math.round(((warned?.at ?? 0) - answeredAt) / 1_000)).toBe(limit / 1_000 - 30);
  expect(Math.round((endedAt - answeredAt) / 1_000)).toBe(limit / 1_000);
});

test("a client that is not heard of for 30 s loses its call, though its socket is open", async () => {
  const { at } = await entrance.told("ended", ({ sipStatus }) => sipStatus === 200, 0, 40_000);
  expect(at - silentSince).toBeGreaterThan(30_000);
  expect(at - silentSince).toBeLessThan(37_000);
  expect(await silent.closed).toBe(4408);
  const call = await latestCall(page, () => true, entrance.door.name);
  expect(call).toMatchObject({ outcome: "answered", reason: "person-lost", answeredBy: { name: "Jonas Adler" } });
});
