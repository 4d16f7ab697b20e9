/** The quiet pages: signing in, doors, history, the first run. Each is held against WCAG 2.2 AA in both schemes. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Portal, startPortal } from "./browser.ts";
import * as day from "./day.ts";
import { ring } from "./lindenhof.ts";
import { barriers, type Visit, visitPage } from "./visit.ts";

// axe reads every node; on a busy machine that alone takes seconds.
vi.setConfig({ testTimeout: 60_000 });

let portal: Portal;
beforeAll(async () => {
  portal = await startPortal();
});
afterAll(() => portal.close());

const visit = (path: string, how?: Visit) => visitPage(portal, path, how);

const detail = `/history/${day.mainCall.callId}`;
const screens: { name: string; path: string; ready: (page: Page) => Promise<void>; how?: Visit }[] = [
  { name: "sign in", path: "/sign-in", ready: (page) => page.getByRole("button", { name: "Sign in" }).waitFor() },
  { name: "sign up", path: "/sign-up", ready: (page) => page.getByLabel("Organisation").waitFor() },
  { name: "forgotten password", path: "/forgotten", ready: (page) => page.getByLabel("Email").waitFor() },
  {
    name: "new password",
    path: "/reset?token=x",
    ready: (page) => page.getByLabel("New password", { exact: true }).waitFor(),
  },
  {
    name: "confirmed address",
    path: "/verify",
    ready: (page) => page.getByText("Your address is confirmed").waitFor(),
  },
  { name: "doors", path: "/", ready: (page) => page.getByRole("article", { name: "Roof plant room" }).waitFor() },
  {
    name: "first run",
    path: "/",
    ready: (page) => page.getByRole("button", { name: "Press to ring" }).waitFor(),
    how: { api: { "/api/doors": { doors: [] } } },
  },
  { name: "history", path: "/history", ready: (page) => page.getByRole("link", { name: "Goods yard" }).waitFor() },
  { name: "call", path: detail, ready: (page) => page.getByText("You held “open”").waitFor() },
  {
    name: "history without a call",
    path: "/history?show=missed",
    ready: (page) => page.getByText("No missed calls. Nice.").waitFor(),
    how: { api: { "/api/calls": { calls: [], total: 0, missed: 0 } } },
  },
  { name: "nothing", path: "/nowhere", ready: (page) => page.getByText("There is nothing at this address").waitFor() },
];
for (const screen of screens) {
  it(`has no barrier, light or dark: ${screen.name}`, async () => {
    const { page, done } = await visit(screen.path, screen.how);
    await screen.ready(page);
    expect(await barriers(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
    expect(await barriers(page)).toEqual([]);
    await done();
  });
}

it("has no barrier in the account menu, the finder and the list of keys", async () => {
  const { page, done } = await visit("/");
  await page.getByRole("button", { name: "Account menu of Mara Lenz" }).click();
  await page.getByRole("button", { name: "All keys" }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "All keys" }).click();
  await page.getByRole("dialog").getByText("Take the next call").waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.keyboard.press("Control+k");
  await page.getByText("Call Courtyard gate").waitFor();
  expect(await barriers(page)).toEqual([]);
  await done();
});

it("fits 320 pixels without sideways scrolling", async () => {
  for (const path of ["/", "/history", detail, "/sign-in"]) {
    const { page, done } = await visit(path, { width: 320, german: true });
    await page.getByRole("heading").first().waitFor();
    await page.waitForLoadState("networkidle");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect({ path, wide }).toEqual({ path, wide: 320 });
    await done();
  }
});

it("says once how long a password has to be, also of one that is too short", async () => {
  const { page, done } = await visit("/sign-up");
  const length = page.getByText("At least 8 characters.");
  await length.waitFor();
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.keyboard.press("Enter");
  await page.locator("[aria-invalid=true]").last().waitFor();
  expect(await length.count()).toBe(1);
  await done();
});

it("leads whoever is not signed in to signing in, and back to the page they wanted", async () => {
  let signedIn = false;
  const { page, done } = await visit("/sign-in");
  await page.route("**/api/me", (route) =>
    signedIn
      ? route.fulfill({ json: day.me })
      : route.fulfill({
          status: 401,
          contentType: "application/problem+json",
          json: { type: "about:blank", title: "Unauthorized", status: 401, detail: "Sign in.", code: "signed-out" },
        }),
  );
  await page.route("**/api/auth/sign-in/email", (route) => {
    signedIn = true;
    return route.fulfill({ status: 204 });
  });
  await page.goto(portal.origin + detail);
  await page.getByLabel("Email").fill("mara.lenz@lindenhof.example");
  await page.getByLabel("Password", { exact: true }).fill("a good password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("You held “open”").waitFor();
  expect(new URL(page.url()).pathname).toBe(detail);
  await done();
});

it("says after the confirming mail that the password comes next, and leads there", async () => {
  const { page, done } = await visit("/verify");
  await page.getByText("Sign in now with your password.").waitFor();
  expect(await page.getByText("go on").count()).toBe(0);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Password", { exact: true }).waitFor();
  await done();
});

it("says of a confirming link that is too old how to get another", async () => {
  const { page, done } = await visit("/verify?error=TOKEN_EXPIRED");
  await page.getByText("The address was not confirmed").waitFor();
  await page.getByText("Sign in with your password: that sends a new link.", { exact: false }).waitFor();
  await page.getByRole("link", { name: "Back to sign in" }).click();
  await page.getByLabel("Password", { exact: true }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await done();
});

it("says how long to wait after too many attempts", async () => {
  const { page, done } = await visit("/sign-in");
  await page.route("**/api/auth/sign-in/email", (route) =>
    route.fulfill({
      status: 429,
      contentType: "application/problem+json",
      headers: { "retry-after": "42" },
      json: { type: "about:blank", title: "x", status: 429, detail: "x", code: "too-many-attempts" },
    }),
  );
  await page.getByLabel("Email").fill("mara.lenz@lindenhof.example");
  await page.getByLabel("Password", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Too many attempts. Try again in 42 seconds.").waitFor();
  expect(await page.getByRole("button", { name: "Sign in" }).isDisabled()).toBe(true);
  expect(await barriers(page)).toEqual([]);
  await done();
});

it("shows each door as it is: in a call, closed, away, without the right or an output to open", async () => {
  const { page, done } = await visit("/");
  const tile = (name: string) => page.getByRole("article", { name });
  await tile("Staff entrance").getByText("In call 1:12").waitFor();
  expect(await tile("Staff entrance").innerText()).toContain("Talking with Jonas Adler");
  expect(await tile("Courtyard gate").innerText()).toContain("Closed");
  expect(await tile("Roof plant room").innerText()).toContain("Offline since 07:14");
  for (const name of ["Car park P1, entry", "Stair B, 3rd floor"]) {
    expect(await tile(name).getByText("Hold to open").count()).toBe(0);
    expect(
      await tile(name)
        .getByRole("button", { name: `Call ${name}` })
        .count(),
    ).toBe(1);
  }
  await done();
});

it("moves what rings to the front, and takes the next by N once the sheet is small", async () => {
  const gate = day.doors[3]!;
  const call = { deviceId: gate.deviceId, door: gate.name, site: gate.site, snapshotUrl: "/api/snapshots/gate" };
  const { page, edge, done } = await visit("/");
  await page.getByRole("article", { name: "Courtyard gate" }).waitFor();
  edge.say(ring({ ...call, now: day.now, pressedAt: day.now - 6_000, ringUntil: day.now + 24_000 }));
  await page.getByRole("alertdialog").waitFor();
  await expect.poll(() => page.getByRole("article").first().getAttribute("aria-label")).toBe("Courtyard gate");
  await expect
    .poll(async () => {
      await page.keyboard.press("Escape");
      return page.getByRole("alertdialog").count();
    })
    .toBe(0);
  expect(await page.getByRole("article").first().innerText()).toContain("Ringing 0:06");
  expect(await barriers(page)).toEqual([]);
  await page.keyboard.press("n");
  expect((await edge.next("answer")).camera).toBe(false);
  await done();
});

it("rings the virtual station from the first run", async () => {
  const asked: string[] = [];
  const { page, done } = await visit("/", { api: { "/api/doors": { doors: [] } } });
  await page.route("**/api/virtual-station**", (route) => {
    asked.push(new URL(route.request().url()).pathname);
    return route.request().url().endsWith("press")
      ? route.fulfill({ status: 204 })
      : route.fulfill({ json: { deviceId: day.doors[0]!.deviceId } });
  });
  await page.route("**/api/virtual-station/press", (route) => {
    asked.push("/api/virtual-station/press");
    return route.fulfill({ status: 204 });
  });
  expect(await page.getByRole("link", { name: "Claim a device" }).getAttribute("href")).toBe("/claim");
  await page.getByRole("button", { name: "Press to ring" }).click();
  await expect.poll(() => asked).toEqual(["/api/virtual-station", "/api/virtual-station/press"]);
  await done();
});

it("keeps the site in the address and shows its doors alone", async () => {
  const { page, done } = await visit("/");
  await page.locator("label", { hasText: "Hafenkai 12" }).click();
  await expect.poll(() => page.getByRole("article").count()).toBe(4);
  await page.reload();
  await page.getByRole("article", { name: "Goods yard" }).waitFor();
  expect(await page.getByRole("article").count()).toBe(4);
  await done();
});

it("moves through the history by J and K, and the details follow", async () => {
  const { page, done } = await visit("/history");
  await page.getByRole("link", { name: "Goods yard" }).waitFor();
  await page.keyboard.press("j");
  await page.getByText("You held “open”").waitFor();
  expect(new URL(page.url()).pathname).toBe(detail);
  await page.keyboard.press("j");
  await expect.poll(() => page.url()).not.toContain(detail);
  await page.keyboard.press("k");
  await page.getByText("You held “open”").waitFor();
  await done();
});

it("finds by / and keeps the search in the address", async () => {
  const { page, done } = await visit("/history");
  await page.getByRole("link", { name: "Goods yard" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("goods");
  await page.getByText("1 call", { exact: true }).waitFor();
  expect(page.url()).toContain("search=goods");
  await done();
});

it("shows the history's calls of one site, by one person, of one day, and keeps the choice in the address", async () => {
  const { page, done } = await visit("/history");
  await page.getByText("184 calls").waitFor();
  const choose = async (what: string, value: string) => {
    await page.getByRole("combobox", { name: what }).click();
    await page.getByRole("option", { name: value, exact: true }).click();
  };
  await choose("Answered by", "Mara Lenz");
  await expect.poll(() => page.url()).toContain("by=");
  await choose("Any time", "Last 24 hours");
  await choose("Outcome", "Answered");
  const chosen = day.calls.filter(
    (call) =>
      call.answeredBy?.name === "Mara Lenz" && call.outcome === "answered" && call.startedAt > day.now - 86_400_000,
  );
  expect(chosen.length).toBeGreaterThan(0);
  await page.getByText(chosen.length === 1 ? "1 call" : `${chosen.length} calls`, { exact: true }).waitFor();
  await page.reload();
  await page.getByText(chosen.length === 1 ? "1 call" : `${chosen.length} calls`, { exact: true }).waitFor();
  await choose("Site", "Hafenkai 12");
  await expect.poll(() => page.url()).toContain("site=");
  expect(new URL(page.url()).searchParams.get("outcome")).toBe("answered");
  await done();
});

it("shows a call in the history as soon as it is recorded", async () => {
  let known = day.calls.slice(1);
  const { page, edge, done } = await visit("/history", {
    api: { "/api/calls": () => ({ calls: known, total: known.length, missed: 0 }) },
  });
  await page.getByText("9 calls").waitFor();
  known = day.calls;
  edge.say({ type: "call-recorded", callId: day.mainCall.callId });
  await page.getByText("10 calls").waitFor();
  await done();
});

it("saves the list as a file", async () => {
  const { page, done } = await visit("/history?show=missed");
  await page.getByRole("link", { name: "Side door" }).waitFor();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save the list as CSV" }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^symphony-history-\d{4}-\d{2}-\d{2}\.csv$/);
  await done();
});

it("says what still works when the platform can't be reached, and goes on when it can", async () => {
  let up = false;
  const { page, done } = await visit("/sign-in");
  await page.route("**/api/doors", (route) => (up ? route.fulfill({ json: { doors: day.doors } }) : route.abort()));
  await page.goto(portal.origin);
  await page.getByText("The doors did not load").waitFor({ timeout: 20_000 });
  await page.getByText("Doors and calls go on without this page", { exact: false }).waitFor();
  up = true;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("article", { name: "Main entrance" }).waitFor();
  await done();
});

it("speaks German, whole", async () => {
  const { page, done } = await visit(detail, { german: true });
  await page.getByText("Sie hielten „Öffnen“").waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("de");
  expect(await page.locator("body").innerText()).not.toMatch(/\b(Answered|Missed|Time line|Rang|Kept until)\b/);
  expect(await barriers(page)).toEqual([]);
  await done();
});
