/** Claiming, and taking what is offered, as a person sees it: every refusal in words, every step with its time, also when it fails. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { claimCode, codeFrom, printed } from "#core/device/claim-code.ts";
import { claimProgress } from "#core/messages/claiming.ts";
import { takingBody } from "#core/messages/transfers.ts";
import { type Portal, startPortal } from "./browser.ts";
import * as day from "./day.ts";
import * as fleet from "./fleet.ts";
import { keepPicture } from "./layout.ts";
import { askedBy, barriers, openAnew, type Visit, visitPage } from "./visit.ts";

vi.setConfig({ testTimeout: 60_000 });

let portal: Portal;
beforeAll(async () => {
  portal = await startPortal();
});
afterAll(() => portal.close());

const code = printed(codeFrom(Uint8Array.from({ length: 10 }, (_, n) => n * 23)));
const claimId = "c1000000-0000-4000-8000-000000000001";
const began = day.now - 34_000;
const after = (seconds: number) => began + seconds * 1_000;

function claim(state: string, steps: [string, number][], reason?: string) {
  return claimProgress.parse({
    claimId,
    deviceId: fleet.gateDetail.deviceId,
    name: "Delivery entrance",
    model: "OD5 TD CM",
    serial: "MX-4C1A-77E0-92",
    state,
    reason,
    steps: steps.map(([step, seconds]) => ({ step, at: after(seconds) })),
    expiresAt: after(600),
  });
}
const enrolled = claim("enrolled", [
  ["accepted", 0],
  ["present", 3],
  ["enrolled", 6],
]);

const visit = (path: string, how: Visit = {}) => visitPage(portal, path, { ...how, api: { ...fleet.api, ...how.api } });

it.each([false, true])("shows each step with its time, without a barrier, dark: %s", async (dark) => {
  const { page, done } = await visit(`/claim?claim=${claimId}`, {
    dark,
    api: { [`/api/claims/${claimId}`]: enrolled },
  });
  await page.getByText("Certificate until 18 Aug 2027").waitFor();
  const steps = page.getByRole("listitem").filter({ has: page.locator("time") });
  expect(await steps.locator("time").allInnerTexts()).toEqual(["0:00", "0:03", "0:06"]);
  expect(await page.locator('[aria-current="step"]').innerText()).toContain("Settings");
  expect(await barriers(page)).toEqual([]);
  await page.screenshot({ path: new URL(`../.artifacts/screens/claim-${dark}.png`, import.meta.url).pathname });
  await done();
});

it("fits a small phone, and is scrolled by keys also where nothing in it takes the focus", async () => {
  const waiting = claim("waiting", [["accepted", 0]]);
  const { page, done } = await visit("/claim", {
    ...{ german: true, width: 320 },
    api: { [`/api/claims/${claimId}`]: waiting },
  });
  await page.setViewportSize({ width: 320, height: 568 });
  await page.getByLabel("Anmeldecode").waitFor();
  expect(await barriers(page)).toEqual([]);
  await openAnew(page, `${portal.origin}/claim?claim=${claimId}`);
  await page.getByRole("heading", { name: "Drücken Sie die Taste am Gerät." }).waitFor();
  expect(await barriers(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await page.getByRole("link", { name: "Geräte" }).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("End");
  const scrolled = page.getByRole("region", { name: "Gerät anmelden" });
  await expect.poll(() => scrolled.evaluate((part) => part.scrollTop)).toBeGreaterThan(0);
  await done();
});

it.each([
  ["wrong-code", 404, "No device has this code. Look at it again."],
  ["claimed-elsewhere", 409, "This device belongs to another organisation, which has to give it up first."],
  ["device-offline", 409, "The code is right, but the device is not online."],
  ["too-many-codes", 429, "Too many codes were tried. Wait a while, then try again."],
])("says what is wrong with the code and keeps it: %s", async (problem, status, words) => {
  const { page, done } = await visit("/claim");
  await page.route("**/api/claims", (route) =>
    route.fulfill({
      status,
      contentType: "application/problem+json",
      json: { type: "about:blank", title: "…", status, detail: "…", code: problem },
    }),
  );
  const field = page.getByLabel("Claim code");
  await field.fill(code.toLowerCase());
  await page.getByRole("button", { name: "Claim it" }).click();
  await page.getByText(words).waitFor();
  expect(await field.inputValue()).toBe(code.toLowerCase());
  expect(await barriers(page)).toEqual([]);
  await done();
});

it("sends no code that is mistyped", async () => {
  const { page, done } = await visit("/claim");
  const [first = ""] = code;
  await page.getByLabel("Claim code").fill(`${first === "7" ? "8" : "7"}${code.slice(1)}`);
  await page.getByText("A letter of this code is wrong or missing. Look at it again.").waitFor();
  expect(await page.getByRole("button", { name: "Claim it" }).isDisabled()).toBe(true);
  await done();
});

it("says what to do next where a claim failed, and begins again", async () => {
  const failed = claim(
    "failed",
    [
      ["accepted", 0],
      ["failed", 20],
    ],
    "several-waiting",
  );
  const { page, done } = await visit(`/claim?claim=${claimId}`, { api: { [`/api/claims/${claimId}`]: failed } });
  await page.getByText(/Another organisation was claiming the same device/).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "Claim it again" }).click();
  await page.getByLabel("Claim code").waitFor();
  await done();
});

it("names what is ready with one click more, and speaks of no waiting then", async () => {
  const ready = claim("ready", [
    ["accepted", 0],
    ["present", 3],
    ["enrolled", 6],
    ["configured", 8],
    ["ready", 9],
  ]);
  const { page, done } = await visit(`/claim?claim=${claimId}`, { api: { [`/api/claims/${claimId}`]: ready } });
  await page.getByRole("heading", { name: "Name and site" }).waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).waitFor();
  expect(await page.getByText(/While you wait|finish by itself/).count()).toBe(0);
  await done();
});

it("goes on when the page is closed and opened again", async () => {
  const { page, done } = await visit(`/claim?claim=${claimId}`, { api: { [`/api/claims/${claimId}`]: enrolled } });
  await page.getByText("Certificate until 18 Aug 2027").waitFor();
  await page.reload();
  await page.getByText("Certificate until 18 Aug 2027").waitFor();
  await done();
});

const offered = `/transfer#code=${code}`;
const offer = {
  name: "Gate north",
  model: "OD5 TD CM",
  serial: "MX-4C1A-77E0-92",
  organisation: "Hafenkai 12",
  by: "Jonas Adler",
};

it("shows what is offered by whom, has no barrier, light or dark, takes it by the keyboard and shows how far it is", async () => {
  const { page, done } = await visit(offered, {
    api: { "/api/transfer": offer, [`/api/claims/${claimId}`]: { ...enrolled, expiresAt: began } },
  });
  const sent: unknown[] = [];
  await page.route("**/api/transfer/take", (route) => {
    sent.push(takingBody.parse(route.request().postDataJSON()));
    return route.fulfill({ json: { deviceId: fleet.gateDetail.deviceId, claimId } });
  });
  const addresses = askedBy(page);
  await page.reload();
  await page.getByRole("heading", { name: "Take over Gate north" }).waitFor();
  const words = await page.getByRole("main").innerText();
  for (const said of [
    "Jonas Adler offers it to Lindenhof.",
    offer.model,
    offer.serial,
    offer.organisation,
    "Mara Lenz",
  ])
    expect(words).toContain(said);
  await page.getByRole("combobox", { name: "Site" }).click();
  await page.getByRole("option", { name: "Lindenhof 6" }).click();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, "transfer");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("textbox", { name: "Name" }).fill("Yard");
  await page.keyboard.press("Enter");
  await page.getByText("Certificate until 18 Aug 2027").waitFor();
  // Nobody had to press at a device that its owner gave.
  const steps = await page.getByRole("list").getByRole("strong").allInnerTexts();
  expect(steps).toEqual(["Handed over", "Identity checked", "Certificate until 18 Aug 2027", "Settings", "Ready"]);
  expect(sent).toEqual([{ code: claimCode.parse(code), name: "Yard", siteId: fleet.sites[1]?.siteId }]);
  expect(addresses).toEqual(expect.arrayContaining(["/transfer", "/api/transfer"]));
  expect(addresses.join("\n")).not.toContain(code);
  await done();
});

it("refuses what is offered, and says of an offer that is not for this person why, and of a link that is cut off", async () => {
  const { page, done } = await visit("/transfer", { german: true, width: 320, api: { "/api/transfer": offer } });
  await page.route("**/api/transfer/refuse", (route) => route.fulfill({ status: 204 }));
  await page.getByRole("heading", { name: "Ein Gerät übernehmen" }).waitFor();
  await page.getByLabel("Code des Angebots").fill(code.toLowerCase());
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Ablehnen" }).click();
  await page.getByRole("heading", { name: "Sie haben abgelehnt" }).waitFor();
  let why = "";
  await page.route("**/api/transfer", (route) =>
    route.fulfill({
      status: 403,
      contentType: "application/problem+json",
      json: { type: "about:blank", title: "…", status: 403, detail: "…", code: why },
    }),
  );
  for (const [refusal, title] of [
    ["no-such-transfer", "Dieses Angebot gilt nicht mehr"],
    ["own-device", "Dieses Gerät gehört Ihnen schon"],
    ["other-address", "Dieses Angebot ist für jemand anderen"],
  ]) {
    why = refusal ?? "";
    await openAnew(page, portal.origin + offered);
    await page.getByRole("heading", { name: title }).waitFor();
  }
  expect(await barriers(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await page.route("**/api/auth/sign-out", (route) => route.fulfill({ json: {} }));
  await page.getByRole("button", { name: "Mit jener Adresse anmelden" }).click();
  await page.waitForURL((url) => url.pathname === "/sign-in" && url.searchParams.get("next") === "/transfer");
  await openAnew(page, `${portal.origin}${offered.slice(0, -3)}`);
  await page.getByRole("heading", { name: "Dieser Link ist nicht ganz" }).waitFor();
  await page.route("**/api/me", (route) => route.fulfill({ json: { ...day.me, role: "operator" } }));
  await openAnew(page, portal.origin + offered);
  await page.getByRole("heading", { name: "Sie können kein Gerät übernehmen" }).waitFor();
  await page.route("**/api/me", (route) => route.fulfill({ status: 401, json: {} }));
  await openAnew(page, portal.origin + offered);
  await page.waitForURL((url) => url.pathname === "/sign-in" && url.searchParams.get("next") === "/transfer");
  await page.unroute("**/api/me");
  await page.route("**/api/auth/sign-in/email", (route) => route.fulfill({ status: 204 }));
  await page.getByLabel("E-Mail").fill(day.me.user.email);
  await page.getByLabel("Passwort", { exact: true }).fill("a good password");
  await page.getByRole("button", { name: "Anmelden" }).click();
  await page.waitForURL((url) => url.pathname + url.hash === offered);
  await done();
});
