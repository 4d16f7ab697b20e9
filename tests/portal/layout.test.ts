/** Larger text, a call made small, and no motion: what the screens look like then, with a picture of each. */
import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import * as day from "./day.ts";
import { openDesk, type Sitting, sheetOf, stageOf, violations } from "./desk.ts";
import { enlarge, keepPicture, unreadable } from "./layout.ts";
import { ring } from "./lindenhof.ts";

// Pictures and axe take seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const { signedIn, inCall } = openDesk();
const viewport = { width: 1280, height: 800 };
const lindenhof: Sitting = { api: day.api, said: () => [day.welcome()], viewport };

const german = { sheet: "[role=alertdialog]", stage: "section[aria-label^='Gespräch']", history: "Verlauf" };
const english = { sheet: "[role=alertdialog]", stage: "section[aria-label^='Call with']", history: "History" };

describe.each([
  ["en-GB", english],
  ["de-DE", german],
] as const)("at 135 %% of the text's size, in %s", (locale, words) => {
  it("every text of the doors, the ring sheet and the history can be read whole", async () => {
    const { page, edge } = await signedIn({ ...lindenhof, locale });
    await enlarge(page, 135);
    await page.getByRole("article", { name: "Roof plant room" }).waitFor();
    await keepPicture(page, `doors-135-${locale}`);
    expect(await unreadable(page)).toEqual([]);
    await page.getByRole("link", { name: words.history }).click();
    await page.getByRole("link", { name: "Goods yard" }).waitFor();
    await keepPicture(page, `history-135-${locale}`);
    expect(await unreadable(page)).toEqual([]);
    edge.say(ring());
    await page.getByRole("alertdialog").waitFor();
    await page.waitForFunction(() => document.getAnimations().every((one) => one.effect?.getTiming().iterations !== 1));
    await keepPicture(page, `ring-135-${locale}`);
    expect(await unreadable(page, words.sheet)).toEqual([]);
  });
});

it("at 135 % every text of a call and of the small call can be read whole", async () => {
  const { page } = await inCall({ viewport });
  await enlarge(page, 135);
  await keepPicture(page, "call-135");
  expect(await unreadable(page, english.stage)).toEqual([]);
  await stageOf(page).getByRole("button", { name: "Make small" }).click();
  await smallOf(page).waitFor();
  await keepPicture(page, "small-call-135");
  expect(await unreadable(page, english.stage)).toEqual([]);
});

/** The strip at the foot of whatever page is open. */
const smallOf = (page: Page) =>
  page
    .getByRole("region", { name: "Call with Main entrance" })
    .filter({ has: page.getByRole("button", { name: "Show" }) });

describe("a call made small", () => {
  it("goes along while its person walks through the portal, with its picture, time and every control", async () => {
    const { page, edge } = await inCall({ viewport });
    await page.getByRole("link", { name: "History" }).click();
    const small = smallOf(page);
    await small.getByText(/2:\d\d/).waitFor({ state: "attached" });
    await page.getByText("No call yet").waitFor();
    await small.getByRole("img", { name: /^Main entrance, .* at the ring$/ }).waitFor();
    expect(await small.getByRole("button", { name: "Hold to open" }).isVisible()).toBe(true);
    await keepPicture(page, "small-call");
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 560 });
    await page.getByRole("link", { name: "Check" }).click();
    const last = page.getByRole("heading", { name: "Sound and picture by UDP" });
    await last.scrollIntoViewIfNeeded();
    const [foot, strip] = [await last.boundingBox(), await small.boundingBox()];
    expect((foot?.y ?? 0) + (foot?.height ?? 0)).toBeLessThan(strip?.y ?? 0);
    await page.getByRole("heading", { name: "Check this browser" }).waitFor();
    await small.getByRole("button", { name: "Show" }).click();
    await stageOf(page).getByRole("button", { name: "Make small" }).click();
    await small.getByRole("button", { name: "End" }).click();
    await edge.next("hang-up");
  });
});

describe("for those who want no motion", () => {
  const still: Sitting = { reducedMotion: "reduce", viewport };
  const moves = (page: Page) =>
    page.evaluate(() =>
      document.getAnimations().flatMap((one) => {
        if (one.playState !== "running") return [];
        if (one instanceof CSSTransition)
          return /color|shadow/.test(one.transitionProperty) ? [] : [one.transitionProperty];
        return [one instanceof CSSAnimation ? one.animationName : "script"];
      }),
    );

  it("nothing moves on the doors, in a ring and in a call, and the bar of time left steps once a second", async () => {
    const { page, edge } = await signedIn(still);
    await page.getByRole("article", { name: "Main entrance" }).waitFor();
    expect(await moves(page)).toEqual([]);
    edge.say(ring());
    await sheetOf(page).waitFor();
    expect(await moves(page)).toEqual([]);
    const steps = await page.evaluate(async () => {
      const bar = document.querySelector("[role=alertdialog] > div > span");
      const seen = new Set<number>();
      const until = performance.now() + 2_500;
      while (bar && performance.now() < until) {
        seen.add(Math.round(bar.getBoundingClientRect().width));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return seen.size;
    });
    expect(steps).toBeGreaterThan(1);
    expect(steps).toBeLessThan(5);
    await keepPicture(page, "ring-still");
  });

  it("a hold counts in words", async () => {
    const { page } = await inCall(still);
    // What turns while the page beneath is fetched comes to rest.
    await expect.poll(() => moves(page)).toEqual([]);
    const hold = stageOf(page).getByRole("button", { name: "Hold to open door" });
    // Each word stands for a third of a second: the page itself keeps what it said.
    await hold.evaluate((button) => {
      new MutationObserver(() => {
        button.dataset.said = `${button.dataset.said ?? ""}|${button.textContent}`;
      }).observe(button, { childList: true, subtree: true, characterData: true });
    });
    await hold.dispatchEvent("pointerdown", { button: 0, pointerId: 1 });
    const asking = stageOf(page).locator("[data-said]");
    await asking.getByText("Asking the door").waitFor();
    expect(await asking.getAttribute("data-said")).toMatch(/Hold… 2.*Hold… 1.*Asking the door/);
    expect(await moves(page)).toEqual([]);
  });
});
