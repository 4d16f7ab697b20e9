/** The pages of people and of the audit. The edge is played; what it is asked is what the real one takes. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { auditFilter, invitationBody, roleBody, shareBody, teamBody, teamMade } from "#core/messages/people.ts";
import { ownershipBody, ownershipOffers } from "#core/messages/transfers.ts";
import * as belonging from "./belonging.ts";
import { type Portal, startPortal } from "./browser.ts";
import * as day from "./day.ts";
import * as fleet from "./fleet.ts";
import { enlarge, keepPicture, unreadable } from "./layout.ts";
import { barriers, type Visit, visitPage } from "./visit.ts";

vi.setConfig({ testTimeout: 60_000 });

let portal: Portal;
beforeAll(async () => {
  portal = await startPortal();
});
afterAll(() => portal.close());

const visit = (path: string, how: Visit = {}) =>
  visitPage(portal, path, { ...how, api: { ...belonging.api, ...how.api } });

const bodies = [
  [/role$/, roleBody],
  [/shares$/, shareBody],
  [/^teams/, teamBody],
  [/^ownership/, ownershipBody],
] as const;

/** Everything that is asked to be changed, as the edge would read it: method, path below /api, body. */
async function changes(page: Page): Promise<unknown[]> {
  const asked: unknown[] = [];
  await page.route(/\/api\/(people|invitations|shares|teams|ownership)(\/|$)/, async (route) => {
    const request = route.request();
    if (request.method() === "GET") return route.fallback();
    const path = new URL(request.url()).pathname.replace("/api/", "");
    const schema = bodies.find(([place]) => place.test(path))?.[1] ?? invitationBody;
    asked.push([request.method(), path, ...(request.postData() ? [schema.parse(request.postDataJSON())] : [])]);
    if (path === "teams") return route.fulfill({ json: teamMade.parse({ teamId: belonging.team.teamId }) });
    return route.fulfill({ status: 204 });
  });
  return asked;
}

it.each([false, true])("has no barrier, dark: %s", async (dark) => {
  const shade = dark ? "dark" : "light";
  const { page, done } = await visit("/people", { dark });
  await page.getByRole("link", { name: "Bruno Costa" }).waitFor();
  await keepPicture(page, `people-${shade}`);
  await page.getByRole("link", { name: "Tom Hoekstra" }).click();
  await page.getByRole("combobox", { name: "What Tom Hoekstra is" }).click();
  await page.getByRole("option", { name: "Operator", exact: true }).click();
  await page.getByText("Tom Hoekstra can no longer").waitFor();
  await keepPicture(page, `person-${shade}`);
  expect(await barriers(page)).toEqual([]);
  await page.goto(`${portal.origin}/audit`);
  await page.getByText("Gave Jonas Adler another role").waitFor();
  await keepPicture(page, `audit-${shade}`);
  expect(await barriers(page)).toEqual([]);
  await done();
});

it("says what another role takes and brings before it is given", async () => {
  const { page, done } = await visit("/people");
  const asked = await changes(page);
  const tom = page.getByRole("link", { name: "Tom Hoekstra" });
  await tom.waitFor();
  await page.getByLabel("Name, address, door").fill("lindenhof 4 jonas");
  await tom.waitFor({ state: "hidden" });
  await page.getByRole("heading", { name: "People" }).click();
  await page.keyboard.press("j");
  const pane = page.getByRole("complementary", { name: "Jonas Adler" });
  await pane.getByRole("combobox", { name: "What Jonas Adler is" }).click();
  await page.getByRole("option", { name: "Installer" }).click();
  expect(await pane.getByRole("list").first().getByRole("listitem").allInnerTexts()).toEqual([
    "Be rung and answer",
    "Open doors",
  ]);
  await pane.getByText("Get to every door").waitFor();
  expect(asked).toEqual([]);
  await pane.getByRole("button", { name: "Change role" }).click();
  await page.getByText("Jonas Adler is now: Installer.").waitFor();
  expect(asked).toEqual([["PUT", "people/jonas/role", { role: "installer" }]]);
  await done();
});

it("removes somebody only after what they lose was said and their name typed", async () => {
  const { page, done } = await visit("/people/bruno");
  const asked = await changes(page);
  await page.getByRole("button", { name: "Remove from the organisation" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove Bruno Costa from Lindenhof" });
  await dialog.getByText("Get to Goods yard").waitFor();
  await keepPicture(page, "person-remove");
  expect(await barriers(page)).toEqual([]);
  const remove = dialog.getByRole("button", { name: "Remove" });
  expect(await remove.isDisabled()).toBe(true);
  await dialog.getByRole("textbox").fill("Bruno Costa");
  await remove.click();
  await page.getByText("Bruno Costa was removed.").waitFor();
  expect(asked).toEqual([["DELETE", "people/bruno"]]);
  expect(new URL(page.url()).pathname).toBe("/people");
  await done();
});

it("invites, sends again and withdraws, and keeps what was typed where it was refused", async () => {
  const { page, done } = await visit("/people");
  const asked = await changes(page);
  const waiting = page.getByRole("region", { name: "Invited, not here yet" });
  expect(await waiting.getByRole("listitem").nth(1).innerText()).toContain("Holds until Tue 24 Nov, 16:40");
  await page.getByRole("button", { name: "Send the invitation to nils.brandt@lindenhof.example again" }).click();
  await page.getByText("The link before works no more.").waitFor();
  await page.getByRole("button", { name: "Withdraw the invitation to hausmeister@hafenkai.example" }).click();
  await page.getByText("Invitation to hausmeister@hafenkai.example withdrawn.").waitFor();

  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Invite somebody" });
  await dialog.getByLabel("E-mail address").fill("new@lindenhof.example");
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, "person-invite");
  const refused = { type: "about:blank", title: "Conflict", status: 409, detail: "…", code: "belongs-already" };
  await page.route(
    "**/api/invitations",
    (route) => route.fulfill({ status: 409, contentType: "application/problem+json", json: refused }),
    { times: 1 },
  );
  await dialog.getByRole("button", { name: "Send invitation" }).click();
  await page.getByText("Somebody with this address belongs already.").waitFor();
  expect(await dialog.getByLabel("E-mail address").inputValue()).toBe("new@lindenhof.example");
  await dialog.getByRole("button", { name: "Send invitation" }).click();
  await dialog.waitFor({ state: "hidden" });
  expect(asked).toEqual([
    ["POST", "invitations", { email: "nils.brandt@lindenhof.example", role: "operator" }],
    ["DELETE", `invitations/${belonging.people.invitations[1]?.invitationId}`],
    ["POST", "invitations", { email: "new@lindenhof.example", role: "operator" }],
  ]);
  await done();
});

it("shares a site until a date, ends a share and gives it back, and shows both at the device", async () => {
  const yard = fleet.devices[4]!;
  const detail = { ...fleet.gateDetail, ...yard };
  const { page, done } = await visit("/people/karla", { api: { [`/api/devices/${yard.deviceId}`]: detail } });
  const asked = await changes(page);
  await page.getByRole("button", { name: "Give access" }).click();
  const dialog = page.getByRole("dialog", { name: "Give Karla Vogt access" });
  await dialog.getByRole("combobox", { name: "Door or site" }).fill("Hafenkai 12, every");
  await page.getByRole("option", { name: "Hafenkai 12, every door" }).click();
  await dialog.getByText("Until a date").click();
  await dialog.getByLabel("Ends").fill("2026-12-01T14:30");
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, "person-share");
  await dialog.getByRole("button", { name: "Give access" }).click();
  await dialog.waitFor({ state: "hidden" });

  await page.goto(`${portal.origin}/devices/${yard.deviceId}?part=people`);
  const shared = page.getByRole("region", { name: "Shared with" });
  await shared.getByRole("link", { name: "Bruno Costa" }).waitFor();
  expect(await shared.getByRole("listitem").allInnerTexts()).toEqual([
    expect.stringContaining("Priya Raman\nBy the site Hafenkai 12"),
    expect.stringContaining("Priya Raman\nThis door · until it is ended · by the team Goods in"),
    expect.stringContaining("Ahmed Nazari\nThis door"),
    expect.stringContaining("Bruno Costa\nThis door · until Fri 27 Nov, 14:00"),
  ]);
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, "device-people");
  await page.getByRole("button", { name: "End access of Bruno Costa to Goods yard" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Bruno Costa gets to Goods yard again.").waitFor();
  const { siteId } = fleet.sites[2]!;
  const [kept] = belonging.people.people.find(({ userId }) => userId === "bruno")!.shares;
  expect(asked).toEqual([
    ["POST", "people/karla/shares", { siteId, endsAt: new Date(2026, 11, 1, 14, 30).getTime() }],
    ["DELETE", `shares/${kept?.shareId}`],
    ["POST", "people/bruno/shares", { deviceId: yard.deviceId, endsAt: kept?.endsAt }],
  ]);
  await done();
});

it("makes a team, calls it otherwise, takes people in and out, shares with it, and says what goes with it", async () => {
  const { page, done } = await visit("/people");
  const asked = await changes(page);
  await page.getByText("Teams", { exact: true }).click();
  const row = page.getByRole("row").filter({ hasText: "Goods in" });
  expect((await row.getByRole("cell").allInnerTexts()).slice(-2)).toEqual([
    "Priya Raman and Ahmed Nazari",
    "Goods yard",
  ]);
  await page.getByRole("button", { name: "Make a team" }).click();
  const making = page.getByRole("dialog", { name: "Make a team" });
  await making.getByLabel("Name").fill("Goods in");
  await making.getByRole("button", { name: "Make" }).click();
  await page.getByText("Team Goods in made.").waitFor();

  const pane = page.getByRole("complementary", { name: "Goods in" });
  await pane.getByRole("button", { name: "Take Ahmed Nazari out of Goods in" }).click();
  await page.getByText("Ahmed Nazari is in Goods in no more.").waitFor();
  await pane.getByRole("button", { name: "Add somebody" }).click();
  const adding = page.getByRole("dialog", { name: "Add somebody to Goods in" });
  await adding.getByRole("combobox", { name: "Who" }).fill("karla");
  await page.getByRole("option", { name: /Karla Vogt/ }).click();
  expect(await barriers(page)).toEqual([]);
  await adding.getByRole("button", { name: "Add somebody" }).click();
  await page.getByText("Karla Vogt is in Goods in now.").waitFor();
  await pane.getByRole("button", { name: "Give access" }).click();
  const sharing = page.getByRole("dialog", { name: "Give Goods in access" });
  await sharing.getByRole("combobox", { name: "Door or site" }).fill("Hafenkai 12, every");
  await page.getByRole("option", { name: "Hafenkai 12, every door" }).click();
  await sharing.getByText("Until a date").click();
  await sharing.getByLabel("Ends").fill("2026-12-01T14:30");
  await sharing.getByRole("button", { name: "Give access" }).click();
  await sharing.waitFor({ state: "hidden" });
  await keepPicture(page, "team");
  expect(await barriers(page)).toEqual([]);

  await pane.getByRole("button", { name: "Rename" }).click();
  const naming = page.getByRole("dialog", { name: "Rename Goods in" });
  await naming.getByLabel("Name").fill("Deliveries");
  await naming.getByRole("button", { name: "Rename" }).click();
  await page.getByText("The team is called Deliveries now.").waitFor();
  await pane.getByRole("button", { name: "Delete the team" }).click();
  const ending = page.getByRole("dialog", { name: "Delete Goods in" });
  // Priya gets to the yard by its site too: she loses nothing.
  expect(await ending.getByRole("listitem").allInnerTexts()).toEqual(["Ahmed Nazari: Goods yard"]);
  await keepPicture(page, "team-end");
  expect(await barriers(page)).toEqual([]);
  await ending.getByRole("button", { name: "Delete" }).click();
  await page.getByText("Team Goods in deleted.").waitFor();
  expect(new URL(page.url()).pathname).toBe("/people/teams");
  const team = `teams/${belonging.team.teamId}`;
  const endsAt = new Date(2026, 11, 1, 14, 30).getTime();
  expect(asked).toEqual([
    ["POST", "teams", { name: "Goods in" }],
    ["DELETE", `${team}/members/ahmed`],
    ["PUT", `${team}/members/karla`],
    ["POST", `${team}/shares`, { siteId: fleet.sites[2]?.siteId, endsAt }],
    ["PATCH", team, { name: "Deliveries" }],
    ["DELETE", team],
  ]);
  await done();
});

it("offers the organisation to a member, and shows the offer to both until it ends", async () => {
  const offerId = "d0000000-0000-4000-8000-000000000001";
  const [mara, elin] = [
    { userId: "mara", name: "Mara Lenz" },
    { userId: "elin", name: "Elin Sorby" },
  ];
  const offer = (by: object, to: object) =>
    ownershipOffers.parse({ offers: [{ offerId, by, to, expiresAt: day.now }] });
  let offers: object = { offers: [] };
  let role = "owner";
  const api = { "/api/me": () => ({ ...day.me, role }), "/api/ownership": () => offers };
  const { page, done } = await visit("/people/mara", { api });
  const asked = await changes(page);
  await page.getByRole("button", { name: "Hand the organisation on" }).click();
  const dialog = page.getByRole("dialog", { name: "Hand Lindenhof on" });
  await dialog.getByText("You stay, as an administrator").waitFor();
  await dialog.getByRole("combobox", { name: "To whom" }).click();
  expect(await page.getByRole("option", { name: /Ruth Okafor|Mara Lenz/ }).count()).toBe(0);
  await page.getByRole("option", { name: /Elin Sorby/ }).click();
  await keepPicture(page, "hand-on");
  expect(await barriers(page)).toEqual([]);
  offers = offer(mara, elin);
  await dialog.getByRole("button", { name: "Offer it" }).click();
  await page.getByText("You offer Lindenhof to Elin Sorby").waitFor();
  expect(await barriers(page)).toEqual([]);
  offers = { offers: [] };
  const pending = page.getByRole("region", { name: "Handing the organisation on" });
  await pending.getByRole("button", { name: "Withdraw" }).click();
  await pending.waitFor({ state: "hidden" });
  await done();

  role = "operator";
  const theirs = await visit("/", { api });
  const answered = await changes(theirs.page);
  await theirs.edge.next("hello");
  expect(await theirs.page.getByRole("img", { name: "The organisation is offered to you" }).count()).toBe(0);
  offers = offer(elin, mara);
  theirs.edge.say({ type: "ownership-changed" });
  await theirs.page.getByRole("img", { name: "The organisation is offered to you" }).click();
  const received = theirs.page.getByRole("region", { name: "Handing the organisation on" });
  await received.getByText("Elin Sorby hands Lindenhof on to you").waitFor();
  await keepPicture(theirs.page, "handed-on");
  expect(await barriers(theirs.page)).toEqual([]);
  role = "owner";
  offers = { offers: [] };
  await received.getByRole("button", { name: "Take it" }).click();
  await theirs.page.getByText("You are owner of Lindenhof now.").waitFor();
  await theirs.page.getByRole("link", { name: "Bruno Costa" }).waitFor();
  expect([...asked, ...answered]).toEqual([
    ["POST", "ownership", { userId: "elin" }],
    ["DELETE", `ownership/${offerId}`],
    ["POST", `ownership/${offerId}/take`],
  ]);
  await theirs.done();
});

it("finds in the audit by person, kind and day, goes on to older ones, and saves all of it", async () => {
  const asked: object[] = [];
  const { page, done } = await visit("/audit", {
    api: {
      "/api/audit": (url: URL) => {
        asked.push(auditFilter.parse(Object.fromEntries(url.searchParams)));
        return belonging.api["/api/audit"](url);
      },
    },
  });
  await page.getByText("Courtyard gate is open").waitFor();
  for (const [sentence = "", before, after] of [
    ["Gave Jonas Adler another role", "Installer", "Operator"],
    [
      "Changed the door openers of Courtyard gate",
      "Courtyard gate: Output 1 · 2 s pulse · Hold",
      expect.stringContaining("Courtyard gate: Output 1 · 3 s pulse · Hold; Wicket door"),
    ],
    ["A rollout moved on", "Running", "Stopped by itself"],
  ]) {
    const row = page.getByRole("row").filter({ hasText: sentence });
    expect((await row.getByRole("cell").allInnerTexts()).slice(2)).toEqual([sentence, before, after]);
  }
  await page.getByRole("button", { name: "Show older" }).click();
  await page.getByText("Invited nils.brandt@lindenhof.example").waitFor();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save what is found as CSV" }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^symphony-audit-/);
  expect((await readFile(await file.path(), "utf8")).trim().split("\r\n")).toHaveLength(1 + 11);

  await page.getByRole("combobox", { name: "Who" }).click();
  await page.getByRole("option", { name: "Elin Sorby" }).click();
  await page.getByRole("combobox", { name: "What" }).click();
  await page.getByRole("option", { name: "Access to doors and sites" }).click();
  await page.getByLabel("Until").fill("2026-11-23");
  const wanted = { by: "elin", kind: "access", until: new Date(2026, 10, 24).getTime() };
  await vi.waitFor(() => expect(asked.at(-1)).toEqual(wanted), 10_000);
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    ...{ by: "elin", kind: "access", until: "2026-11-23" },
  });
  await done();
});

it("offers nothing of it to an operator, and says where it did not load", async () => {
  const operator = { "/api/me": { ...day.me, role: "operator" } };
  const { page, done } = await visit("/people", { api: operator });
  await page.getByText("This is not for your role").waitFor();
  const pages = page.getByRole("navigation", { name: "Pages" });
  expect(await pages.getByRole("link").allInnerTexts()).toEqual(expect.arrayContaining(["Devices", "Firmware"]));
  expect(await pages.getByRole("link", { name: /People|Audit/ }).count()).toBe(0);
  await done();
  const broken = await visit("/people", { api: { "/api/people": { nothing: "of it" } } });
  await broken.page.getByText("The people did not load").waitFor();
  expect(await barriers(broken.page)).toEqual([]);
  await broken.done();
});

it("can be read whole at 135 % of the text's size and at 320 pixels, in German", async () => {
  for (const [path, ready] of [
    ["/people/tom", "Aus der Organisation entfernen"],
    [`/people/teams/${belonging.team.teamId}`, "Team löschen"],
    ["/audit", "Gab Jonas Adler eine andere Rolle"],
  ] as const) {
    const large = await visit(path, { german: true });
    await large.page.getByText(ready).waitFor();
    await enlarge(large.page, 135);
    await keepPicture(large.page, `${path.split("/").at(-2) || "audit"}-135-de`);
    expect(await unreadable(large.page, "main")).toEqual([]);
    await large.done();
    const narrow = await visit(path, { german: true, width: 320 });
    await narrow.page.getByText(ready).waitFor();
    await keepPicture(narrow.page, `${path.split("/").at(-2) || "audit"}-320-de`);
    expect(await narrow.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await narrow.done();
  }
});
