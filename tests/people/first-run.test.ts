/** Someone new: an organisation of their own, the virtual station, invitations both ways; and what Mara's house makes of its people. */
import { readFileSync } from "node:fs";
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
/** Where Mara looks after her people. */
let desk: Page;

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

const house = (name: string) => page.getByRole("button", { name: `${name}: change or leave` });

async function enter(from: string, to: string): Promise<void> {
  await house(from).click();
  await page.getByRole("menuitemradio", { name: to }).click();
  await house(to).waitFor();
}

test("invited to another house they go in by the mail's link, and come back by the menu of their organisations", async () => {
  desk = await (await openProfile(browser, platform.origin)).newPage();
  await signIn(desk, platform.origin, platform.accounts.mara);
  await desk.getByRole("link", { name: "People" }).click();
  await desk.getByRole("button", { name: "Invite", exact: true }).click();
  const dialog = desk.getByRole("dialog", { name: "Invite somebody" });
  await dialog.getByLabel("E-mail address").fill(account.email);
  await dialog.getByRole("combobox", { name: "Role" }).click();
  await desk.getByRole("option", { name: "Resident" }).click();
  await dialog.getByRole("button", { name: "Send invitation" }).click();
  await page.goto(await mailed(account.email, "/invitation"));
  await page.getByText("Mara Lenz invites you.").waitFor();
  await page.getByRole("button", { name: "Accept and go in" }).click();
  await enter("Lindenhof", "Holm & Co");
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

test("the virtual station is given a camera, and asks it only where that is in public: the media node stands in a network of its own", async () => {
  await page.getByRole("link", { name: "Devices" }).click();
  await page.getByRole("link", { name: "Virtual station" }).click();
  await page.getByRole("tab", { name: "Cameras" }).click();
  await page.getByRole("button", { name: "Add stream" }).click();
  await page.getByLabel("Name").fill("Yard");
  const [address, save] = [page.getByLabel(/^Address/), page.getByRole("button", { name: "Save" })];
  await address.fill("rtsp://127.0.0.1:8554/yard");
  await save.click();
  await page.getByText(/The virtual station reaches cameras at public addresses alone/).waitFor();
  await address.fill("rtsp://localhost:8554/yard");
  await save.click();
  await page.getByText("Doesn’t answer: its name leads to an address that isn’t public").waitFor();
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

test("a team's door until a date is all they see of the other house; another role counts at once, and so does being removed", async () => {
  await enter("Holm & Co", "Lindenhof");
  await page.getByRole("link", { name: "Doors" }).click();
  await desk.getByText("Teams", { exact: true }).click();
  await desk.getByRole("button", { name: "Make a team" }).first().click();
  const making = desk.getByRole("dialog", { name: "Make a team" });
  await making.getByLabel("Name").fill("Night shift");
  await making.getByRole("button", { name: "Make" }).click();
  const team = desk.getByRole("complementary", { name: "Night shift" });
  await team.getByRole("button", { name: "Add somebody" }).click();
  const adding = desk.getByRole("dialog", { name: "Add somebody to Night shift" });
  await adding.getByRole("combobox", { name: "Who" }).click();
  await desk.getByRole("option", { name: /Nora Holm/ }).click();
  await adding.getByRole("button", { name: "Add somebody" }).click();
  await desk.getByText("Nora Holm is in Night shift now.").waitFor();
  await team.getByRole("button", { name: "Give access" }).click();
  const sharing = desk.getByRole("dialog", { name: "Give Night shift access" });
  await sharing.getByRole("combobox", { name: "Door or site" }).fill("Main entrance");
  await desk.getByRole("option", { name: /^Main entrance/ }).click();
  await sharing.getByText("Until a date").click();
  await sharing.getByLabel("Ends").fill(new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 16));
  await sharing.getByRole("button", { name: "Give access" }).click();

  const doors = page.getByRole("article");
  const opener = doors.getByRole("button", { name: "Can’t open while offline" });
  await opener.waitFor();
  expect(await doors.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")))).toEqual(["Main entrance"]);

  await desk.getByText("People", { exact: true }).last().click();
  await desk.getByRole("link", { name: "Nora Holm" }).click();
  const pane = desk.getByRole("complementary", { name: "Nora Holm" });
  await pane.getByText(/by the team Night shift/).waitFor();
  await pane.getByRole("combobox", { name: "What Nora Holm is" }).click();
  await desk.getByRole("option", { name: "Viewer" }).click();
  await pane.getByRole("button", { name: "Change role" }).click();
  await opener.waitFor({ state: "detached" });
  expect(await doors.count()).toBe(1);

  await pane.getByRole("button", { name: "Remove from the organisation" }).click();
  const removing = desk.getByRole("dialog", { name: "Remove Nora Holm from Lindenhof" });
  await removing.getByRole("textbox").fill("Nora Holm");
  await removing.getByRole("button", { name: "Remove" }).click();
  await house("Holm & Co").waitFor();
  expect(await doors.filter({ hasText: "Main entrance" }).count()).toBe(0);
});

test("the organisation is handed on to whom it was offered, and the audit tells both all that was done, by kind and as a file", async () => {
  await desk.getByRole("link", { name: "Mara Lenz (you)" }).click();
  await desk.getByRole("button", { name: "Hand the organisation on" }).click();
  const dialog = desk.getByRole("dialog", { name: "Hand Lindenhof on" });
  await dialog.getByRole("combobox", { name: "To whom" }).click();
  await desk.getByRole("option", { name: /Jonas Adler/ }).click();
  await dialog.getByRole("button", { name: "Offer it" }).click();
  await desk.getByText("You offer Lindenhof to Jonas Adler").waitFor();
  const theirs = await (await openProfile(browser, platform.origin)).newPage();
  await signIn(theirs, platform.origin, platform.accounts.jonas);
  await theirs.getByRole("img", { name: "The organisation is offered to you" }).click();
  await theirs.getByRole("button", { name: "Take it" }).click();
  await theirs.getByText("You are owner of Lindenhof now.").waitFor();
  await desk.getByRole("button", { name: "Hand the organisation on" }).waitFor({ state: "detached" });

  await theirs.getByRole("link", { name: "Audit" }).click();
  await theirs.getByRole("cell", { name: "Became owner" }).waitFor();
  await desk.getByRole("link", { name: "Audit" }).click();
  await desk.getByRole("cell", { name: "Became owner" }).waitFor();
  await desk.getByRole("combobox", { name: "Who" }).click();
  await desk.getByRole("option", { name: "Mara Lenz" }).click();
  await desk.getByRole("cell", { name: "Became owner" }).waitFor({ state: "detached" });
  const did = async () => (await desk.locator("tbody td:nth-child(3)").allInnerTexts()).toReversed();
  expect(await did()).toEqual([
    `Invited ${account.email}`,
    "Made the team Night shift",
    "Took Nora Holm into a team",
    "Gave Night shift access to Main entrance",
    "Gave Nora Holm another role",
    "Removed Nora Holm",
    "Offered Jonas Adler to be owner",
  ]);
  const saving = desk.waitForEvent("download");
  await desk.getByRole("button", { name: "Save what is found as CSV" }).click();
  const file = readFileSync(await (await saving).path(), "utf8");
  expect(file.match(/remove-person|share-door|change-role/g)?.toSorted()).toEqual([
    "change-role",
    "remove-person",
    "share-door",
  ]);
  await desk.getByRole("combobox", { name: "What" }).click();
  await desk.getByRole("option", { name: "Access to doors and sites" }).click();
  await desk.getByRole("cell", { name: "Removed Nora Holm" }).waitFor({ state: "detached" });
  expect(await did()).toContain("Gave Night shift access to Main entrance");
});
