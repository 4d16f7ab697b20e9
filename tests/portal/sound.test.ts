/** How a browser rings, by an ear at its loudspeaker; and the microphone that the ring sheet shows. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { openDesk, sheetOf, violations } from "./desk.ts";
import { hears, listenIn, silent } from "./ear.ts";
import { ring } from "./lindenhof.ts";

const { signedIn } = openDesk();

const openMenu = async (page: Page) => {
  await page.getByRole("button", { name: "Account menu of Mara Lenz" }).click();
  await page.getByRole("button", { name: "Hear it" }).waitFor();
};
const choose = (page: Page, sound: string) => page.locator("label", { hasText: new RegExp(`^${sound}$`) }).click();

it("lets the ring be chosen by ear: each sounds as it is picked, is kept, and is what rings", async () => {
  const { page, edge } = await signedIn({ before: listenIn });
  await openMenu(page);
  await choose(page, "Chime");
  await hears(page, 784);
  await choose(page, "Low");
  await hears(page, 392);
  await page.reload();
  await edge.next("hello");
  await openMenu(page);
  expect(await page.getByRole("radio", { name: "Low" }).isChecked()).toBe(true);
  await page.getByRole("button", { name: "Hear it" }).click();
  await hears(page, 392);
  await page.keyboard.press("Escape");
  edge.say(ring({}, 0));
  await hears(page, 294);
});

it("is as loud as the person wants it, and never so low that nobody hears it", async () => {
  const { page } = await signedIn({ before: listenIn });
  await openMenu(page);
  await page.getByRole("button", { name: "Hear it" }).click();
  const usual = await hears(page, 660);
  const slider = page.getByRole("slider", { name: "Volume" });
  await slider.focus();
  await slider.press("Home");
  await silent(page);
  await page.getByRole("button", { name: "Hear it" }).click();
  const lowest = await hears(page, 660);
  expect(usual - lowest).toBeGreaterThan(14); // from 80 to 10 %: 18 dB
  await page.reload();
  await openMenu(page);
  expect(await page.getByRole("slider", { name: "Volume" }).getAttribute("aria-valuenow")).toBe("10");
});

it("makes this browser available by the click that let it be heard", async () => {
  const { page, edge } = await signedIn({ untouched: true });
  await openMenu(page);
  await page.getByRole("button", { name: "Hear it" }).click();
  expect(await edge.next("availability")).toMatchObject({ available: true });
});

it.each(["light", "dark"] as const)("has no barrier in the account menu: %s", async (colorScheme) => {
  const { page } = await signedIn({ colorScheme });
  await openMenu(page);
  expect(await violations(page)).toEqual([]);
});

it("shows in the sheet which microphone hears, and how loud, where it is allowed already", async () => {
  const { page, edge } = await signedIn();
  edge.say(ring());
  const line = sheetOf(page).locator("p", { hasText: /Fake.*Audio/ });
  await line.waitFor();
  // Chromium's fake microphone beeps once a second: the bars rise and fall.
  await expect.poll(() => line.locator("i[data-full]").count(), { interval: 20, timeout: 5_000 }).toBeGreaterThan(1);
  await expect.poll(() => line.locator("i[data-full]").count(), { interval: 20, timeout: 5_000 }).toBe(0);
});

it("opens no microphone for a ring where the browser would have to ask", async () => {
  const { page, edge } = await signedIn({
    permissions: [],
    before: (opened) =>
      opened.addInitScript(() => {
        navigator.mediaDevices.getUserMedia = () => {
          document.title = "asked";
          return Promise.reject(new DOMException("", "NotAllowedError"));
        };
      }),
  });
  edge.say(ring());
  await sheetOf(page).getByText("Microphone blocked").waitFor();
  expect(await page.title()).toBe("Rings: Main entrance");
});
