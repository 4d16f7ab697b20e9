/** Coming into an organisation by a mail's link, moving between several, and leaving. */
import type { Page, Route } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { organisationBody } from "#core/messages/people.ts";
import { type Portal, playEdge, startPortal } from "./browser.ts";
import * as day from "./day.ts";
import { keepPicture } from "./layout.ts";
import { askedBy, barriers, openAnew, type Visit, visitPage } from "./visit.ts";

// axe reads every node; on a busy machine that alone takes seconds.
vi.setConfig({ testTimeout: 60_000 });

let portal: Portal;
beforeAll(async () => {
  portal = await startPortal();
});
afterAll(() => portal.close());

const token = "aW52aXRhdGlvbiBvZiBNYXJhIHRvIEhhZmVua2Fp";
const link = `/invitation#token=${token}`;
const email = "mara.lenz@lindenhof.example";
const offer = {
  organisation: "Hafenkai 12",
  email,
  role: "operator",
  invitedBy: "Jonas Adler",
  expiresAt: day.now + 6 * 86_400_000,
};
const invited = { ...offer, reader: { name: "Mara Lenz", email, invited: true } };

const refuse = (route: Route, status: number, code: string) =>
  route.fulfill({
    status,
    contentType: "application/problem+json",
    json: { type: "about:blank", title: "x", status, detail: "x", code },
  });

/** Lindenhof, which is Mara's own, and Hafenkai 12, where she is an operator. The edge's side of where she works. */
function twoHouses() {
  const houses = {
    lindenhof: { me: day.me, doors: day.doors.slice(0, 2) },
    hafenkai: {
      me: { ...day.me, organisation: { id: "hafenkai", name: "Hafenkai 12" }, role: "operator" },
      doors: day.doors.filter(({ name }) => name === "Goods yard"),
    },
  };
  const edge = { at: "lindenhof" as keyof typeof houses };
  const api: Visit["api"] = {
    "/api/me": () => houses[edge.at].me,
    "/api/doors": () => ({ doors: houses[edge.at].doors }),
    "/api/organisations": () => ({
      organisations: Object.entries(houses).map(([organisationId, { me }]) => ({
        organisationId,
        name: me.organisation.name,
        role: me.role,
        current: organisationId === edge.at,
      })),
    }),
  };
  return { edge, api };
}

const door = (page: Page, name: string) => page.getByRole("article", { name });
const house = (page: Page, name: string) => page.getByRole("button", { name: `${name}: change or leave` });

it("shows who invites to what as what, has no barrier, light or dark, and leads in once it is accepted", async () => {
  const { edge, api } = twoHouses();
  const { page, done } = await visitPage(portal, link, { api: { ...api, "/api/invitation": invited } });
  const sent: unknown[] = [];
  await page.route("**/api/invitation/accept", (route) => {
    sent.push(route.request().postDataJSON());
    edge.at = "hafenkai";
    return route.fulfill({ status: 204 });
  });
  const addresses = askedBy(page);
  await page.reload();
  await page.getByRole("heading", { name: "Join Hafenkai 12" }).waitFor();
  const words = await page.getByRole("main").innerText();
  for (const said of ["Jonas Adler invites you.", "Operator", email, "Monday 30 November", "Signed in as Mara Lenz"])
    expect(words).toContain(said);
  expect(await barriers(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
  expect(await barriers(page)).toEqual([]);
  // What it is about has the focus.
  await page.keyboard.press("Enter");
  await door(page, "Goods yard").waitFor();
  await house(page, "Hafenkai 12").waitFor();
  expect(sent).toEqual([{ token }]);
  expect(addresses).toEqual(expect.arrayContaining(["/invitation", "/api/invitation"]));
  expect(addresses.join("\n")).not.toContain(token);
  await done();
});

it("leads who is signed out to signing in or up with that address, and back, without an organisation of their own", async () => {
  const answers: { offer: object } = { offer };
  const { page, done } = await visitPage(portal, link, { api: { "/api/invitation": () => answers.offer } });
  const sent: { path: string; body: Record<string, unknown> }[] = [];
  await page.route("**/api/auth/**", (route) => {
    const request = route.request();
    sent.push({ path: new URL(request.url()).pathname, body: request.postDataJSON() });
    return route.fulfill({ status: 204 });
  });
  const addresses = askedBy(page);
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("Your name").fill("Mara Lenz");
  expect(await page.getByLabel("Organisation").count()).toBe(0);
  await page.getByLabel("Password", { exact: true }).fill("a good password");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText(`We sent a link to ${email}`, { exact: false }).waitFor();
  const way = `/verify?${new URLSearchParams({ next: "/invitation" })}`;
  // Loaded anew it is asked of a server by its address.
  await page.reload();
  await page.getByLabel("Your name").waitFor();
  expect(sent).toEqual([
    {
      path: "/api/auth/sign-up/email",
      body: { name: "Mara Lenz", email, password: "a good password", callbackURL: way },
    },
  ]);
  await page.goto(portal.origin + way);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill("a good password");
  answers.offer = invited;
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Accept and go in" }).waitFor();
  expect(addresses).toContain(`/sign-up?${new URLSearchParams({ next: "/invitation", email })}`);
  expect(addresses.join("\n")).not.toContain(token);
  await done();
});

it("says to whom it went where somebody else is signed in, and goes on with that address", async () => {
  const other = { ...offer, reader: { name: "Priya Raman", email: "priya@hafenkai.example", invited: false } };
  const answers: { offer: object } = { offer: other };
  const { page, done } = await visitPage(portal, link, { api: { "/api/invitation": () => answers.offer } });
  await page.route("**/api/auth/sign-out", (route) => {
    answers.offer = offer;
    return route.fulfill({ json: {} });
  });
  await page.getByText(`It went to ${email}, and you are signed in as priya@hafenkai.example.`).waitFor();
  expect(await page.getByRole("button", { name: "Accept and go in" }).count()).toBe(0);
  await page.getByRole("button", { name: "Sign out, and go on with that address" }).click();
  await page.getByRole("link", { name: "Sign in" }).click();
  expect(await page.getByLabel("Email").inputValue()).toBe(email);
  await done();
});

it("says of a link that holds no more what became of it and what to do, and of one that is not whole", async () => {
  const { page, done } = await visitPage(portal, "/sign-in", { german: true, width: 320 });
  let code = "";
  await page.route("**/api/invitation", (route) => refuse(route, 410, code));
  for (const [became, title] of [
    ["invitation-withdrawn", "Diese Einladung wurde zurückgenommen"],
    ["invitation-expired", "Diese Einladung ist zu alt"],
    ["no-such-invitation", "Dieser Link führt zu keiner Einladung"],
  ]) {
    code = became ?? "";
    await openAnew(page, portal.origin + link);
    await page.getByRole("heading", { name: title }).waitFor();
  }
  expect(await barriers(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await page.route("**/api/invitation", (route) => route.abort());
  await openAnew(page, `${portal.origin}/invitation#token=${token.slice(0, 7)}`);
  await page.getByRole("heading", { name: "Dieser Link führt zu keiner Einladung" }).waitFor();
  await done();
});

it("keeps what was offered where the answer does not arrive, and says no once it does", async () => {
  let up = false;
  const { page, done } = await visitPage(portal, link, { api: { "/api/invitation": invited } });
  await page.route("**/api/invitation/decline", (route) => (up ? route.fulfill({ status: 204 }) : route.abort()));
  await page.getByRole("button", { name: "Decline" }).click();
  await page.getByRole("alert").getByText("The platform can’t be reached.", { exact: false }).waitFor();
  up = true;
  await page.getByRole("button", { name: "Decline" }).click();
  await page.getByRole("heading", { name: "You declined" }).waitFor();
  await page.getByText("Jonas Adler can invite you again.").waitFor();
  await done();
});

it("changes everything to the other organisation by the keyboard, in every tab", async () => {
  const { edge, api } = twoHouses();
  const { page, edge: socket, done } = await visitPage(portal, "/", { api });
  await door(page, "Main entrance").waitFor();
  await socket.next("hello");
  const other = await page.context().newPage();
  await playEdge(other, { api: { ...day.api, ...api }, welcome: () => [day.welcome()] });
  await other.route("**/api/organisations/hafenkai/enter", async (route) => {
    edge.at = "hafenkai";
    // As the edge does with a session's sockets in the organisation that it leaves.
    await socket.drop();
    await route.fulfill({ status: 204 });
  });
  await other.goto(`${portal.origin}/history`);
  await house(other, "Lindenhof").focus();
  await other.keyboard.press("Enter");
  await other.getByRole("menuitemradio", { name: "Hafenkai 12" }).waitFor();
  expect(await barriers(other)).toEqual([]);
  await other.keyboard.press("ArrowDown");
  await other.keyboard.press("Enter");
  for (const tab of [other, page]) {
    await house(tab, "Hafenkai 12").waitFor();
    await door(tab, "Goods yard").waitFor();
    expect(await door(tab, "Main entrance").count()).toBe(0);
    expect(await tab.getByRole("link", { name: "Firmware" }).count()).toBe(1);
  }
  expect(new URL(other.url()).pathname).toBe("/");
  await other.close();
  await done();
});

it("shows without a click what somebody gets to no more, and that they belong there no more", async () => {
  const { api } = twoHouses();
  let doors = day.doors.slice(0, 2);
  const { page, edge, done } = await visitPage(portal, "/", { api: { ...api, "/api/doors": () => ({ doors }) } });
  await door(page, "Reception east").waitFor();
  await edge.next("hello");
  doors = day.doors.slice(0, 1);
  await edge.drop();
  await door(page, "Reception east").waitFor({ state: "detached" });
  expect(await door(page, "Main entrance").count()).toBe(1);
  await page.route("**/api/me", (asked) => refuse(asked, 403, "no-organisation"));
  await edge.drop();
  await page.getByRole("heading", { name: "You belong to no organisation" }).waitFor();
  await done();
});

it("tells the only owner why they can't leave, and leads who left their last organisation to what they can do", async () => {
  const { api } = twoHouses();
  const { page, done } = await visitPage(portal, "/", { api });
  let owners = 1;
  await page.route("**/api/leave", (route) => {
    if (owners === 1) return refuse(route, 409, "last-owner");
    void page.route("**/api/me", (asked) => refuse(asked, 403, "no-organisation"));
    return route.fulfill({ status: 204 });
  });
  const leave = async () => {
    await house(page, "Lindenhof").click();
    await page.getByRole("menuitem", { name: "Leave Lindenhof" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Leave Lindenhof" }).click();
  };
  await leave();
  await page.getByText("You are its only owner. Make somebody else an owner first", { exact: false }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("link", { name: "Go to people" }).click();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  owners = 2;
  await leave();
  await page.getByRole("heading", { name: "You belong to no organisation" }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, "no-organisation");
  const founded = new Promise((resolve) =>
    page.route("**/api/organisations", (route) => {
      if (route.request().method() !== "POST") return route.fallback();
      resolve(organisationBody.parse(route.request().postDataJSON()));
      void page.unroute("**/api/me");
      return route.fulfill({ status: 204 });
    }),
  );
  await page.getByLabel("Organisation").fill("Lenz");
  await page.keyboard.press("Enter");
  expect(await founded).toEqual({ name: "Lenz" });
  await door(page, "Main entrance").waitFor();
  await done();
});
