/** Someone new: an organisation of their own, the mail confirmed, and the virtual station rings them. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openProfile, startBrowser } from "../support/browser.ts";
import { answer, callStage, ringSheet, signIn, turnSoundOn, until } from "../support/desk.ts";
import { type Platform, startPlatform } from "../support/platform.ts";
import { confirmingLink } from "../support/second-house.ts";
import { randomTone, writeToneFile } from "../support/tone.ts";

const account = { email: "nora.holm@example.test", password: "a long enough password" };

let platform: Platform;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  platform = await startPlatform();
  const microphone = join(platform.dataDir, "person.wav");
  writeToneFile(microphone, randomTone(), { spoken: true });
  browser = await startBrowser({ microphone });
  page = await (await openProfile(browser, platform.origin)).newPage();
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

test("sign-up sends a mail; before it is confirmed nobody gets in, afterwards the new organisation is theirs and empty", async () => {
  await page.goto(`${platform.origin}/sign-up`);
  await page.getByLabel("Organisation").fill("Holm & Co");
  await page.getByLabel("Your name").fill("Nora Holm");
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: /Create/ }).click();
  await page.getByText(account.email).waitFor();
  const early = await page.request.post(`${platform.origin}/api/auth/sign-in/email`, {
    data: account,
    headers: { origin: platform.origin },
  });
  expect(early.status()).toBe(403);
  await page.goto(await confirmingLink(platform.ports.MAIL_PORT ?? 0));
  await signIn(page, platform.origin, account);
  await page.getByRole("heading", { name: "No door yet. Try one." }).waitFor();
});

test("pressing the virtual station's button rings this browser, which answers and opens its door", async () => {
  await turnSoundOn(page);
  await page.getByRole("button", { name: "Press to ring" }).click();
  await ringSheet(page, "Virtual station").waitFor();
  await answer(page, "Virtual station");
  await callStage(page, "Virtual station").getByRole("button", { name: /^End/ }).click();
  const call = await until(async () => {
    const { calls } = await (await page.request.get(`${platform.origin}/api/calls`)).json();
    return calls[0];
  }, "the call in the history");
  expect(call).toMatchObject({ door: "Virtual station", outcome: "answered" });
});
