/** Two people at their desks: both ring, the first to answer wins, the other falls silent and never receives another packet. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packetsReceived } from "../support/browser.ts";
import { type DemoHouse, startDemoHouse } from "../support/demo-house.ts";
import { answer, callStage, hearTone, latestCall, ringSheet } from "../support/desk.ts";

const door = "Main entrance";

let house: DemoHouse;
let mara: Page;
let jonas: Page;
let station: Awaited<ReturnType<DemoHouse["station"]>>;

beforeAll(async () => {
  house = await startDemoHouse();
  station = await house.station(0);
  mara = await house.desk("mara");
  jonas = await house.desk("jonas");
});

afterAll(() => house?.stop());

test("both ring; the first answer wins, and the other falls silent within 500 ms and says who answered", async () => {
  station.type("press");
  await Promise.all([ringSheet(mara, door).waitFor(), ringSheet(jonas, door).waitFor()]);
  // By the pages' own clock: what a busy test runner adds is nobody's waiting time.
  const silent = mara.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new MutationObserver((_, observer) => {
          if (!document.querySelector("[role=alertdialog]")?.textContent?.includes("Jonas Adler answered")) return;
          observer.disconnect();
          resolve(performance.timeOrigin + performance.now());
        }).observe(document.body, { childList: true, subtree: true, characterData: true });
      }),
  );
  const clicked = jonas.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const note = ({ timeStamp }: Event) => resolve(performance.timeOrigin + timeStamp);
        addEventListener("click", note, { capture: true, once: true });
      }),
  );
  await ringSheet(jonas, door)
    .getByRole("button", { name: /^Answer(?! with)/ })
    .click();
  expect((await silent) - (await clicked)).toBeLessThan(500);
});

test("the loser never receives a packet after it, while the winner hears the door", async () => {
  await hearTone(jonas, station.tone);
  const atTheLoss = await packetsReceived(mara);
  // Two seconds of talk, by the station's own seconds.
  const now = Date.now();
  await station.told("heard-tone", ({ at, packets }) => at > now + 2_000 && packets > 0);
  expect(await packetsReceived(mara)).toBe(atTheLoss);
  await callStage(jonas, door).getByRole("button", { name: /^End/ }).click();
  const call = await latestCall(mara, ({ outcome }) => outcome === "answered");
  expect(call.answeredBy?.name).toBe("Jonas Adler");
  expect(call.legs.map(({ name, fate }) => [name, fate]).sort()).toEqual([
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
  expect((await latestCall(mara, ({ reason }) => reason === "person-lost")).answeredBy?.name).toBe("Jonas Adler");
});
