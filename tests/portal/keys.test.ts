/** Single-letter keys, and doing without them (WCAG 2.1.4). */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { openDesk, sheetOf, violations } from "./desk.ts";
import { firstCall, ring } from "./lindenhof.ts";

/** Keys count from here on. */
const deaf = 600;
const { signedIn } = openDesk();

async function switchLetters(page: Page) {
  await page.getByRole("button", { name: "Account menu of Mara Lenz" }).click();
  await page.getByRole("switch", { name: "Single letters are keys" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

it("does nothing on a letter once letters are switched off, and draws no hint of them", async () => {
  const { page, edge } = await signedIn();
  await switchLetters(page);
  for (const key of ["g", "h", "?", "c"]) await page.keyboard.press(key);
  expect(new URL(page.url()).pathname).toBe("/");
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(await page.getByRole("menu").count()).toBe(0);

  edge.say(ring());
  await sheetOf(page).waitFor();
  await page.getByText("Main entrance rings", { exact: true }).first().waitFor({ state: "attached" });
  expect(await page.getByText("A to answer").count()).toBe(0);
  expect(await sheetOf(page).locator("[aria-keyshortcuts]").count()).toBe(0);
  expect(await sheetOf(page).locator("kbd").allInnerTexts()).toEqual(["Esc"]);
  await page.waitForTimeout(deaf);
  for (const key of ["d", "s", "v", "o"]) await page.keyboard.press(key);
  await page.keyboard.press("Escape");
  await page.getByRole("region", { name: "Main entrance rings" }).waitFor();
  expect(edge.heard.filter(({ type }) => type === "decline" || type === "answer" || type === "open-door")).toEqual([]);
});

it("keeps Ctrl K, Enter and the buttons, and keeps the choice when the page is loaded anew", async () => {
  const { page, edge } = await signedIn();
  await switchLetters(page);
  await page.reload();
  await edge.next("hello");
  await page.keyboard.press("c");
  expect(await page.getByRole("menu").count()).toBe(0);
  await page.keyboard.press("Control+k");
  await page.getByText("Call Courtyard gate").waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("Call Courtyard gate").waitFor({ state: "detached" });
  edge.say(ring());
  await sheetOf(page).waitFor();
  await page.waitForTimeout(deaf);
  await page.keyboard.press("Enter"); // the focus is on Answer
  expect(await edge.next("answer")).toMatchObject({ callId: firstCall });
});

it.each(["light", "dark"] as const)(
  "lists in the help what is off, and switches it on again there: %s",
  async (scheme) => {
    const { page } = await signedIn({ colorScheme: scheme });
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "All keys" });
    await help.getByRole("switch", { name: "Single letters are keys" }).click();
    await help.getByText("Letters, digits and signs do nothing now.", { exact: false }).waitFor();
    expect(await help.locator("dt[data-off]").count()).toBeGreaterThan(15);
    expect(await help.locator("dt:not([data-off])").allInnerTexts()).toEqual(["Ctrl\nK", "Esc"]);
    expect(await violations(page)).toEqual([]);
    await help.getByRole("switch", { name: "Single letters are keys" }).click();
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "hidden" });
    await page.keyboard.press("c");
    await page.getByRole("menu").waitFor();
  },
);
