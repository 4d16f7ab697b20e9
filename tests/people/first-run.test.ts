/** Someone new: an organisation of their own, the mail confirmed, the virtual station rings them, and invitations both ways. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Role } from "#core/messages/portal-api.ts";
import { openProfile, startBrowser } from "../support/browser.ts";
import { answer, callStage, holdToOpen, ringSheet, signIn, turnSoundOn, until } from "../support/desk.ts";
import { signIn as cookieOf } from "../support/listener.ts";
import { type Platform, startPlatform } from "../support/platform.ts";
import { mailedLink } from "../support/second-house.ts";
import { randomTone, writeToneFile } from "../support/tone.ts";

const account = { email: "nora.holm@example.test", password: "a long enough password" };

const guest = { email: "olaf.lund@example.test", password: "another long password" };

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

const mailed = (to: string, path: string) => mailedLink(platform.ports.MAIL_PORT ?? 0, to, path);

async function invite(cookie: string, email: string, role: Role): Promise<void> {
  const { origin } = platform;
  const headers = { cookie, origin, "content-type": "application/json" };
  const body = JSON.stringify({ email, role });
  expect((await fetch(`${origin}/api/invitations`, { method: "POST", headers, body })).status).toBe(204);
}

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
  await page.goto(await mailed(account.email, "/api/auth/verify-email"));
  await signIn(page, platform.origin, account);
  await page.getByRole("heading", { name: "No door yet. Try one." }).waitFor();
});

test("invited to another house they go in by the mail's link, and come back by the menu of their organisations", async () => {
  const { origin, accounts } = platform;
  const { mara } = accounts;
  await invite(await cookieOf(origin, mara.email, mara.password), account.email, "viewer");
  await page.goto(await mailed(account.email, "/invitation"));
  await page.getByText("Mara Lenz invites you.").waitFor();
  await page.getByRole("button", { name: "Accept and go in" }).click();
  const house = (name: string) => page.getByRole("button", { name: `${name}: change or leave` });
  await house("Lindenhof").click();
  await page.getByRole("menuitemradio", { name: "Holm & Co" }).click();
  await house("Holm & Co").waitFor();
  await page.getByRole("heading", { name: "No door yet. Try one." }).waitFor();
});

test("pressing the virtual station's button rings this browser, which answers and opens its door", async () => {
  await turnSoundOn(page);
  await page.getByRole("button", { name: "Press to ring" }).click();
  await ringSheet(page, "Virtual station").waitFor();
  await answer(page, "Virtual station");
  const stage = callStage(page, "Virtual station");
  await holdToOpen(page, stage);
  await stage.getByText("Door opened").waitFor();
  await stage.getByRole("button", { name: /^End/ }).click();
  const call = await until(async () => {
    const { calls } = await (await page.request.get(`${platform.origin}/api/calls`)).json();
    return calls[0];
  }, "the call in the history");
  expect(call).toMatchObject({ door: "Virtual station", outcome: "answered", openedBy: "Nora Holm" });
});

test("somebody whom they invite follows the mail's link, signs up with that address, accepts, and sees the house's calls", async () => {
  await invite(await cookieOf(platform.origin, account.email, account.password), guest.email, "administrator");
  const theirs = await (await openProfile(browser, platform.origin)).newPage();
  await theirs.goto(await mailed(guest.email, "/invitation"));
  await theirs.getByText("Nora Holm invites you.").waitFor();
  await theirs.getByRole("link", { name: "Create an account" }).click();
  await theirs.getByLabel("Your name").fill("Olaf Lund");
  await theirs.getByLabel("Password", { exact: true }).fill(guest.password);
  await theirs.getByRole("button", { name: "Create" }).click();
  await theirs.getByRole("heading", { name: "Check your mail" }).waitFor();
  await theirs.goto(await mailed(guest.email, "/api/auth/verify-email"));
  await theirs.getByRole("button", { name: "Sign in" }).click();
  await theirs.getByLabel("Email").fill(guest.email);
  await theirs.getByLabel("Password", { exact: true }).fill(guest.password);
  await theirs.getByRole("button", { name: "Sign in" }).click();
  await theirs.getByRole("button", { name: "Accept and go in" }).click();
  await theirs.getByRole("button", { name: "Holm & Co: change or leave" }).waitFor();
  await theirs.getByRole("link", { name: "History" }).click();
  await theirs.getByRole("link", { name: "Virtual station" }).waitFor();
  await theirs.context().close();
});
