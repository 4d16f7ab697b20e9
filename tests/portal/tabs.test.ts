/** Several tabs of one browser: one leads, the others show what it knows. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ToClient } from "#core/messages/client.ts";
import { type FakeEdge, openPage, type Portal, playEdge, startPortal } from "./browser.ts";
import { doors, firstCall, me, ring, talking, welcome } from "./lindenhof.ts";

const api = { "/api/me": me, "/api/doors": { doors }, "/api/calls": { calls: [], total: 0, missed: 0 } };

let portal: Portal;
beforeAll(async () => {
  portal = await startPortal();
}, 120_000);
afterAll(() => portal.close());

/** A browser with two tabs that ring; `said` is what the edge says to each `hello`. */
async function twoTabs(): Promise<{ leading: Tab; other: Tab; rings: ToClient[]; close(): Promise<void> }> {
  const rings: ToClient[] = [];
  const answers = { api, welcome: () => [welcome(), ...rings] };
  const leading = await openPage(portal, answers, { permissions: ["microphone", "camera"] });
  await leading.page.goto(portal.origin);
  await leading.edge.next("hello");
  const page = await leading.page.context().newPage();
  const other = { page, edge: await playEdge(page, answers) };
  await page.goto(portal.origin);
  rings.push(ring());
  leading.edge.say(ring());
  await sheetOf(leading.page).waitFor();
  await sheetOf(page).waitFor();
  return { leading, other, rings, close: () => page.context().close() };
}
interface Tab {
  page: Page;
  edge: FakeEdge;
}
const sheetOf = (page: Page) => page.getByRole("alertdialog", { name: "Main entrance rings" });
const answerOf = (page: Page) => sheetOf(page).getByRole("button", { name: "Answer", exact: true });

it("only the leading tab speaks to the edge, and it alone says that it rings", async () => {
  const { leading, other, close } = await twoTabs();
  expect(await leading.edge.next("rang")).toMatchObject({ callId: firstCall });
  expect(other.edge.heard).toEqual([]);
  await close();
});

it("a decline in another tab goes through the leading one, and ends the ring in both", async () => {
  const { leading, other, close } = await twoTabs();
  await sheetOf(other.page).getByRole("button", { name: "Decline" }).click();
  expect(await leading.edge.next("decline")).toMatchObject({ callId: firstCall });
  await sheetOf(leading.page).waitFor({ state: "detached" });
  await sheetOf(other.page).waitFor({ state: "detached" });
  expect(other.edge.heard).toEqual([]);
  await close();
});

it("an answer in another tab takes the lead there: same receiver, and the call is where the person is", async () => {
  const { leading, other, close } = await twoTabs();
  await answerOf(other.page).click();
  const hello = await other.edge.next("hello");
  expect(await other.edge.next("answer")).toMatchObject({ callId: firstCall });
  expect(leading.edge.heard.find((message) => message.type === "hello")).toMatchObject({ clientId: hello.clientId });
  expect(leading.edge.heard.some((message) => message.type === "answer")).toBe(false);
  await close();
});

it("the other tab leads when the leading one closes", async () => {
  const { leading, other, close } = await twoTabs();
  await leading.page.close();
  await other.edge.next("hello");
  await close();
});

it("a call whose tab closes goes on in another one with the microphone off, until a click there", async () => {
  const { leading, other, rings, close } = await twoTabs();
  const { page, edge } = other;
  await page.evaluate(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (constraints) => {
      document.body.dataset.captured = Object.keys(constraints ?? {}).join();
      return ask(constraints);
    };
  });
  const captured = () => page.evaluate(() => document.body.dataset.captured);
  await answerOf(leading.page).click();
  await leading.edge.next("answer");
  rings.splice(0, 1, talking());
  leading.edge.say(talking());
  await page.getByText("In a call in another tab").waitFor();
  await leading.page.close();
  await edge.next("hello");

  const stage = page.getByRole("region", { name: "Call with Main entrance" });
  await stage.getByText("The caller doesn’t hear you yet.", { exact: false }).first().waitFor();
  expect(await page.title()).toBe("You are muted: Main entrance");
  await page.waitForTimeout(500);
  expect(await captured()).toBeUndefined();
  await stage.getByRole("button", { name: "Turn the microphone on" }).click();
  await expect.poll(captured).toBe("audio");
  await stage.getByText("The caller doesn’t hear you yet.", { exact: false }).first().waitFor({ state: "detached" });
  await close();
});

it("a call that is brought to another tab keeps its microphone: that was the click", async () => {
  const { leading, other, rings, close } = await twoTabs();
  await answerOf(leading.page).click();
  await leading.edge.next("answer");
  rings.splice(0, 1, talking());
  leading.edge.say(talking());
  await other.page.getByRole("button", { name: "Bring it here" }).click();
  await other.edge.next("hello");
  await other.page
    .getByRole("region", { name: "Call with Main entrance" })
    .getByRole("button", { name: "End" })
    .waitFor();
  expect(await other.page.getByText("The caller doesn’t hear you yet.", { exact: false }).count()).toBe(0);
  await leading.page.getByText("In a call in another tab").waitFor();
  await close();
});

it("a page loaded anew in a call keeps its microphone off until a click", async () => {
  const { leading, other, rings, close } = await twoTabs();
  await other.page.close();
  await answerOf(leading.page).click();
  await leading.edge.next("answer");
  rings.splice(0, 1, talking());
  leading.edge.say(talking());
  leading.page.on("dialog", (asked) => void asked.accept());
  await leading.page.reload();
  await leading.page.getByText("The caller doesn’t hear you yet.", { exact: false }).first().waitFor();
  await leading.page.keyboard.press("m");
  await leading.page
    .getByText("The caller doesn’t hear you yet.", { exact: false })
    .first()
    .waitFor({ state: "detached" });
  await close();
});
