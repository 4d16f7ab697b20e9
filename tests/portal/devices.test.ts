/** The devices' pages: found, changed, decided on. The edge is played; what it is asked is what the real one takes. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import {
  type BulkRequest,
  bulkRequest,
  commandRequest,
  deviceChange,
  differenceDecision,
  siteChange,
} from "#core/messages/device-api.ts";
import { firmwareOverview } from "#core/messages/firmware-api.ts";
import { transferBody } from "#core/messages/transfers.ts";
import { type Portal, startPortal } from "./browser.ts";
import * as day from "./day.ts";
import * as fleet from "./fleet.ts";
import { keepPicture } from "./layout.ts";
import { barriers, type Visit, visitPage } from "./visit.ts";

vi.setConfig({ testTimeout: 60_000 });

let portal: Portal;
beforeAll(async () => {
  portal = await startPortal();
});
afterAll(() => portal.close());

const visit = (path: string, how: Visit = {}) => visitPage(portal, path, { ...how, api: { ...fleet.api, ...how.api } });

const gate = `/devices/${fleet.gateDetail.deviceId}`;
const shot = (page: Page, name: string) =>
  page.screenshot({ path: new URL(`../.artifacts/screens/${name}.png`, import.meta.url).pathname });

it.each([false, true])("has no barrier in the list and on a device's page, dark: %s", async (dark) => {
  const { page, done } = await visit("/devices", { dark });
  await page.getByRole("link", { name: "Roof plant room" }).waitFor();
  await page.getByRole("checkbox", { name: "Select Reception east" }).check();
  expect(await barriers(page)).toEqual([]);
  await shot(page, `devices-${dark ? "dark" : "light"}`);
  await page.goto(portal.origin + gate);
  await page.getByRole("heading", { name: "Outputs by state" }).waitFor();
  await page.getByText("Tom Hoekstra claimed it").waitFor();
  expect(await barriers(page)).toEqual([]);
  await shot(page, `device-${dark ? "dark" : "light"}`);
  await done();
});

it("finds devices by what is typed, by state and by site, and keeps that in the address", async () => {
  const { page, done } = await visit("/devices");
  const rows = page.getByRole("row");
  await page.getByRole("link", { name: "Courtyard gate" }).waitFor();
  const told = await page.getByRole("row", { name: "Roof plant room" }).innerText();
  for (const one of [/EB2E2A/, /Offline since \S+\s+Probably the device/, /9\.18/, /until 18 Aug 2027/])
    expect(told).toMatch(one);
  await page.getByLabel("Name, model, serial number").fill("hafenkai ws");
  await vi.waitUntil(async () => (await rows.count()) === 4, 10_000);
  await page.getByText("Needs you 1").click();
  await vi.waitUntil(async () => (await rows.count()) === 2, 10_000);
  expect(await rows.nth(1).innerText()).toContain("Its button rings nobody");
  await page.getByText("No button rings Ilse Brandt").waitFor();
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ show: "needs", search: "hafenkai ws" });
  await page.reload();
  await vi.waitUntil(async () => (await rows.count()) === 2, 10_000);
  await done();
});

const nightly = [{ days: [1, 2, 3, 4, 5, 6, 7], from: 120, length: 180 }];
const firmware = firmwareOverview.parse({
  hardware: [],
  rollouts: [],
  organisation: { policy: "manual", windows: nightly, approval: false },
  sites: fleet.sites,
});

it("does one thing to all that is selected, and says of each that it did not come to why", async () => {
  const { page, done } = await visit("/devices", { api: { "/api/firmware": firmware } });
  const asked: BulkRequest[] = [];
  const ids = [day.doors[4], day.doors[5]].map((door) => door?.deviceId);
  await page.route("**/api/devices/bulk", async (route) => {
    const { devices, action } = bulkRequest.parse(route.request().postDataJSON());
    asked.push({ devices, action });
    const outcome = (deviceId: string) =>
      action.do === "update-firmware" ? (deviceId === ids[0] ? "sent" : "offline") : "done";
    await route.fulfill({ json: { results: devices.map((deviceId) => ({ deviceId, outcome: outcome(deviceId) })) } });
  });
  const select = async () => {
    await page.getByRole("checkbox", { name: "Select Side door" }).check();
    await page.getByRole("checkbox", { name: "Select Goods yard" }).check();
  };
  await select();
  await page.getByRole("button", { name: "Update now" }).click();
  const update = page.getByRole("dialog");
  await update.getByText("also outside the maintenance hours", { exact: false }).waitFor();
  await update.getByText("These begin next on Wed 25 Nov, 02:00").waitFor();
  await keepPicture(page, "update-now");
  expect(await barriers(page)).toEqual([]);
  await update.getByRole("button", { name: "Wait for the maintenance hours" }).click();
  await page.getByText("1 device looks for a newer release, and starts it in its maintenance hours").waitFor();
  await page.getByText("Side door: not connected, and not told").waitFor();
  await page.getByRole("button", { name: "Fetch logs" }).click();
  await page.getByText("2 devices send their logs").waitFor();
  await select();
  await page.getByRole("button", { name: "Apply settings" }).click();
  const rules = page.getByRole("dialog");
  await rules.getByRole("combobox", { name: "The output rules of" }).fill("Main ent");
  await rules.getByRole("option", { name: "Main entrance" }).click();
  await rules.getByRole("button", { name: "Apply settings" }).click();
  await page.getByText("2 devices have the output rules of Main entrance").waitFor();
  await select();
  await page.getByRole("button", { name: "Move to site" }).click();
  await page.getByRole("menuitem", { name: "Lindenhof 6" }).click();
  await page.getByText("2 devices moved to Lindenhof 6").waitFor();
  expect(asked).toEqual([
    { devices: ids, action: { do: "update-firmware", restart: "in-its-hours" } },
    { devices: ids, action: { do: "fetch-log" } },
    { devices: ids, action: { do: "apply-output-rules", from: day.doors[0]?.deviceId } },
    { devices: ids, action: { do: "move", siteId: fleet.sites[1]?.siteId } },
  ]);
  await page.getByRole("toolbar").waitFor({ state: "hidden" });
  await done();
});

it("renames a device, and says where somebody else was faster without losing what was typed", async () => {
  const { page, done } = await visit(gate);
  let faster = true;
  await page.route(`**/api${gate}`, async (route) => {
    if (route.request().method() !== "PATCH") return route.fulfill({ json: fleet.gateDetail });
    const { name } = deviceChange.parse(route.request().postDataJSON());
    if (!faster) return route.fulfill({ json: { ...fleet.gateDetail, name } });
    faster = false;
    const problem = { type: "about:blank", title: "Conflict", status: 409, detail: "…", code: "changed-meanwhile" };
    return route.fulfill({ status: 409, contentType: "application/problem+json", json: problem });
  });
  await page.getByRole("button", { name: "Rename" }).click();
  const field = page.getByRole("textbox", { name: "Name" });
  await field.fill("North gate");
  await field.press("Enter");
  await page.getByText("Somebody else changed this device. Look again.").waitFor();
  expect(await field.inputValue()).toBe("North gate");
  await field.press("Enter");
  await page.getByRole("heading", { name: "North gate" }).waitFor();
  await done();
});

it("says who may open by an opener, and lets owner and administrators name them", async () => {
  const people = [
    {
      userId: "jonas",
      name: "Jonas Roth",
      email: "jonas@example.com",
      role: "operator",
      since: 1,
      here: false,
      mayChange: true,
      shares: [],
    },
  ];
  const { page, done } = await visit(gate, {
    api: { "/api/people": { people, invitations: [], mayGive: [] } },
  });
  await page.getByText("Output 2 · 5 s pulse · Only owners, operators and Ilse Brandt").waitFor();
  await page.getByRole("button", { name: "Change Courtyard gate" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Who may open" }).click();
  await page.getByRole("option", { name: "Only those named" }).click();
  await dialog.getByRole("combobox", { name: "Named" }).click();
  await page.getByRole("option", { name: "Jonas Roth" }).click();
  expect(await barriers(page)).toEqual([]);
  await shot(page, "opener-rights");
  const asked = new Promise((resolve) =>
    page.route(`**/api${gate}`, (route) => {
      if (route.request().method() !== "PATCH") return route.fallback();
      resolve(deviceChange.parse(route.request().postDataJSON()).doorOpeners);
      return route.fulfill({ json: fleet.gateDetail });
    }),
  );
  await dialog.getByRole("button", { name: "Save" }).click();
  expect(await asked).toEqual([
    {
      output: 1,
      name: "Courtyard gate",
      pulse: 3_000,
      confirm: "hold",
      openedBy: { roles: ["owner", "administrator"], people: ["jonas"] },
    },
    { output: 2, name: "Wicket door", pulse: 5_000, confirm: "ask" },
  ]);
  await done();
});

it("sets a site's time zone by its address, and asks where the country has several", async () => {
  const { page, done } = await visit(gate);
  const here = page.getByRole("region", { name: "Where it stands" });
  await here.getByRole("button", { name: "Change" }).click();
  const dialog = page.getByRole("dialog");
  const zone = dialog.getByRole("combobox", { name: "Time zone" });
  expect(await zone.inputValue()).toBe("Europe/Berlin");
  const country = dialog.getByRole("combobox", { name: "Country" });
  const choose = async (name: string) => {
    await country.fill(name);
    await page.getByRole("option", { name, exact: true }).click();
  };
  await choose("Netherlands");
  await zone.click();
  await page.getByRole("option", { name: "As the address says: Europe/Amsterdam" }).click();
  await choose("United States");
  await dialog.getByText("This country has several.").waitFor();
  await dialog.getByLabel("Address").fill("1144 15th St, Denver");
  await vi.waitUntil(async () => (await zone.inputValue()) === "As the address says: America/Denver", 10_000);
  expect(await barriers(page)).toEqual([]);
  await shot(page, "site-dialog");
  const asked = new Promise((resolve) =>
    page.route("**/api/sites/*", (route) => {
      const body = siteChange.parse(route.request().postDataJSON());
      resolve(body);
      return route.fulfill({ json: { siteId: fleet.sites[0]?.siteId, devices: 5, ...body } });
    }),
  );
  await dialog.getByRole("button", { name: "Save" }).click();
  expect(await asked).toEqual({
    name: "Lindenhof 4",
    address: "1144 15th St, Denver",
    country: "US",
    timeZone: "America/Denver",
  });
  await done();
});

it("shows how far an update is, and asks for one where the person may", async () => {
  const update = { release: 31402, phase: "loading", received: 194_100_000, size: 312_000_000, repeated: 2 };
  const { page, done } = await visit(gate, {
    api: { [`/api${gate}`]: { ...fleet.gateDetail, release: 31401, update, differences: [] } },
  });
  const card = page.getByRole("region", { name: "Release 31402 is on its way" });
  await card.getByText("62%").waitFor();
  await card.getByText("194.1 of 312 MB · 2 packets fetched again").waitFor();
  expect(await page.getByRole("button", { name: "Update firmware" }).isDisabled()).toBe(true);
  expect(await barriers(page)).toEqual([]);
  const asked = new Promise((resolve) =>
    page.route(`**/api${gate}/commands`, (route) => {
      resolve(commandRequest.parse(route.request().postDataJSON()));
      return route.fulfill({ json: { commandId: "c0000000-0000-4000-8000-000000000009", state: "offline" } });
    }),
  );
  await page.getByRole("button", { name: "Renew now" }).click();
  expect(await asked).toEqual({ do: "renew-certificate" });
  await page.getByText("The device is not connected. Ask again when it is back.").waitFor();
  await keepPicture(page, "device-update");
  await done();
});

it("adds a rule on an output that opens no door, and switches one off", async () => {
  const { page, done } = await visit(gate);
  const asked: ReturnType<typeof deviceChange.parse>[] = [];
  await page.route(`**/api${gate}`, async (route) => {
    if (route.request().method() === "PATCH") asked.push(deviceChange.parse(route.request().postDataJSON()));
    return route.fulfill({ json: fleet.gateDetail });
  });
  await page.getByRole("button", { name: "Add rule" }).click();
  const dialog = page.getByRole("dialog", { name: "New rule" });
  expect(await barriers(page)).toEqual([]);
  await dialog.getByRole("combobox", { name: "Output" }).click();
  // It has five, and two of them open doors.
  expect(await page.getByRole("option", { name: /^\d+$/ }).allInnerTexts()).toEqual(["3", "4", "5"]);
  await page.getByRole("option", { name: "3" }).click();
  await dialog.getByLabel("What it switches").fill("path light");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  expect(asked[0]?.outputRules?.at(-1)).toEqual({
    when: "ringing",
    output: 3,
    name: "path light",
    delay: 0,
    duration: 120_000,
    enabled: true,
  });
  await page.getByRole("switch", { name: "When someone tampers → Output 4, buzzer, on" }).click({ force: true });
  await vi.waitUntil(() => asked.length === 2);
  expect(asked[1]?.outputRules?.map(({ enabled }) => enabled)).toEqual([true, true, false, false]);
  await done();
});

it("shows what was changed on the device, and keeps it when told to", async () => {
  const { page, done } = await visit(gate);
  const asked = new Promise((resolve) =>
    page.route(`**/api${gate}/differences`, (route) => {
      resolve(differenceDecision.parse(route.request().postDataJSON()));
      return route.fulfill({ json: { ...fleet.gateDetail, name: "Gate (installer)", differences: [] } });
    }),
  );
  await page.getByRole("region", { name: "Changed on the device" }).getByText("Gate (installer)").waitFor();
  await page.getByRole("button", { name: "Keep the device’s" }).click();
  expect(await asked).toEqual({ field: "name", decision: "keep" });
  await page.getByRole("heading", { name: "Gate (installer)" }).waitFor();
  await page.getByRole("region", { name: "Changed on the device" }).waitFor({ state: "hidden" });
  await done();
});

it("takes a camera's password and shows it nowhere, keeps one that isn't typed, and says that a camera doesn't answer", async () => {
  const { cameras } = fleet.gateDetail.configuration;
  const silent = cameras.map((one) => ({ ...one, silent: true }));
  const detail = { ...fleet.gateDetail, configuration: { ...fleet.gateDetail.configuration, cameras: silent } };
  const { page, done } = await visit(`${gate}?part=cameras`, { api: { [`/api${gate}`]: detail } });
  const asked: ReturnType<typeof deviceChange.parse>[] = [];
  await page.route(`**/api${gate}`, async (route) => {
    if (route.request().method() === "PATCH") asked.push(deviceChange.parse(route.request().postDataJSON()));
    return route.fulfill({ json: detail });
  });
  await page.getByText("Doesn’t answer").waitFor();
  await page.getByRole("button", { name: "Change Yard camera" }).click();
  const dialog = page.getByRole("dialog", { name: "Change Yard camera" });
  expect(await dialog.getByLabel("Password", { exact: true }).inputValue()).toBe("");
  expect(await barriers(page)).toEqual([]);
  await shot(page, "camera");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Change Yard camera" }).click();
  await dialog.getByLabel("User", { exact: true }).fill("station");
  await dialog.getByLabel(/^Password/).fill("correct horse");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  const yard = cameras.map(({ hasPassword: _hasPassword, silent: _silent, notAsked: _notAsked, ...one }) => one);
  const credentials = { user: "station", password: "correct horse" };
  expect(asked.map((one) => one.cameras)).toEqual([yard, yard.map((one) => ({ ...one, credentials }))]);
  await done();
});

it("fetches a device's log, says what becomes of that, and shows its lines to who wants to look", async () => {
  const path = `/api${gate}/logs`;
  const { request } = fleet.gateLogs;
  let list: object = { logs: [] };
  const { page, edge, done } = await visit(gate, { api: { [path]: () => list } });
  const becomes = (next: object) => {
    list = next;
    edge.say({ type: "device-changed", deviceId: fleet.gateDetail.deviceId });
  };
  await page.route(`**${path}`, (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    list = { request: { ...request, state: "asked" }, logs: [] };
    return route.fulfill({ json: { commandId: "c0000000-0000-4000-8000-000000000009", state: "sent" } });
  });
  let looks = 0;
  await page.route(`**${path}/*`, (route) => {
    looks++;
    return route.fallback();
  });
  const card = page.getByRole("region", { name: "Log", exact: true });
  await card.getByText("No log yet.").waitFor();
  const fetchNow = card.getByRole("button", { name: "Fetch now" });
  await fetchNow.click();
  await card.getByText("Asked at 09:40 by Mara Lenz. The device has a minute to send it.").waitFor();
  expect(await fetchNow.isDisabled()).toBe(true);
  becomes({ request: { ...request, state: "failed" }, logs: [] });
  await card.getByText("the device did not send it").waitFor();
  becomes({ request: { ...request, state: "offline" }, logs: [] });
  await card.getByText("Not connected at 09:40").waitFor();
  expect(await barriers(page)).toEqual([]);

  becomes(fleet.gateLogs);
  await card.getByRole("button", { name: "Show the lines" }).waitFor();
  expect(looks).toBe(0);
  await card.getByRole("button", { name: "Show the lines" }).click();
  const lines = card.getByRole("list", { name: "Lines of the log" }).getByRole("listitem");
  await vi.waitUntil(async () => (await lines.count()) === fleet.gateLines.length, 10_000);
  await card.getByRole("searchbox").fill("fw PACKET");
  await vi.waitUntil(async () => (await lines.count()) === 2, 10_000);
  await card.getByText("Warnings 2").click();
  await vi.waitUntil(async () => (await lines.count()) === 1, 10_000);
  expect(await lines.innerText()).toContain("hash differs");
  const saving = page.waitForEvent("download");
  await card.getByRole("button", { name: "Download" }).click();
  const saved = readFileSync(await (await saving).path(), "utf8");
  expect(saved.split("\n").map((line) => line.slice(25))).toEqual([
    ...fleet.gateLines.map(({ level, text }) => `${level.padEnd(5)} ${text}`),
    "",
  ]);
  expect(looks).toBe(1);
  await page.getByRole("tab", { name: "Log" }).click();
  await page.getByText("door output 1 off, contact closed").waitFor();
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, "device-log");
  await done();
});

it("revokes a device once its name is typed, allows it again, and shows its fresh code where it is given up", async () => {
  const { page, done } = await visit(gate);
  const asked: string[] = [];
  let blocked = false;
  await page.route(`**/api${gate}`, (route) => route.fulfill({ json: { ...fleet.gateDetail, blocked } }));
  await page.route(/\/(revoke|allow|release)$/, (route) => {
    const what = new URL(route.request().url()).pathname.split("/").at(-1) ?? "";
    asked.push(what);
    blocked = what === "revoke";
    return what === "release"
      ? route.fulfill({ json: { code: "7K4M-PQ2D-88XV-3TQN" } })
      : route.fulfill({ status: 204 });
  });
  await page.getByRole("button", { name: "Revoke" }).click();
  const dialog = page.getByRole("dialog", { name: "Revoke Courtyard gate?" });
  await dialog.getByText("Until somebody allows it again").waitFor();
  const revoke = dialog.getByRole("button", { name: "Revoke" });
  expect(await revoke.isDisabled()).toBe(true);
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, "device-revoke");
  await dialog.getByRole("textbox").fill("Courtyard gate");
  await revoke.click();
  await page.getByRole("button", { name: "Allow again" }).click();
  await page.getByRole("button", { name: "Release" }).click();
  const release = page.getByRole("dialog", { name: "Release Courtyard gate?" });
  await release.getByRole("textbox").fill("Courtyard gate");
  await release.getByRole("button", { name: "Release" }).click();
  await page.getByText("7K4M-PQ2D-88XV-3TQN").waitFor();
  expect(await barriers(page)).toEqual([]);
  expect(asked).toEqual(["revoke", "allow", "release"]);
  await page.getByRole("button", { name: "I noted it" }).click();
  await page.waitForURL("**/devices");
  await done();
});

it("offers a device by mail or by a code that is shown once, shows until when that holds, and withdraws it", async () => {
  const { page, done } = await visit(gate);
  const asked: unknown[] = [];
  let offer: object | undefined;
  await page.route(`**/api${gate}/transfer`, (route) => {
    const request = route.request();
    if (request.method() === "GET") return route.fulfill({ json: { offer } });
    asked.push(request.method() === "POST" ? transferBody.parse(request.postDataJSON()) : request.method());
    if (request.method() === "DELETE") {
      offer = undefined;
      return route.fulfill({ status: 204 });
    }
    const { email } = transferBody.parse(request.postDataJSON());
    const expiresAt = day.now + 7 * 86_400_000;
    offer = { email, by: "Mara Lenz", expiresAt };
    return route.fulfill({ json: { expiresAt, ...(!email && { code: "7K4M-PQ2D-88XV-3TQN" }) } });
  });
  const dialog = page.getByRole("dialog", { name: "Hand Courtyard gate on?" });
  await page.getByRole("button", { name: "Hand on…" }).click();
  await dialog.getByLabel("E-mail address").fill("jonas@hafenkai.example");
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, "device-hand-on");
  await page.keyboard.press("Enter");
  await page.getByText("Offered to jonas@hafenkai.example").waitFor();
  await page.getByText("By Mara Lenz, until Tue 1 Dec", { exact: false }).waitFor();
  await dialog.waitFor({ state: "hidden" });
  expect(await barriers(page)).toEqual([]);
  await keepPicture(page, "device-offered");
  await page.getByRole("button", { name: "Withdraw" }).click();
  await page.getByRole("button", { name: "Hand on…" }).click();
  await dialog.getByText("By a code", { exact: true }).click();
  await dialog.getByRole("button", { name: "Show the code" }).click();
  await page.getByText("7K4M-PQ2D-88XV-3TQN").waitFor();
  await page.getByText(`${portal.origin}/transfer`, { exact: false }).waitFor();
  await page.getByRole("button", { name: "I noted it" }).click();
  await page.getByText("Offered by a code").waitFor();
  expect(asked).toEqual([{ email: "jonas@hafenkai.example" }, "DELETE", {}]);
  await done();
});

it("shows an operator the devices and lets them change nothing", async () => {
  const operator = { ...day.me, role: "operator" as const };
  const { page, done } = await visit(gate, { api: { "/api/me": operator } });
  await page.getByRole("heading", { name: "Outputs by state" }).waitFor();
  for (const name of ["Add rule", "Add stream", "Rename", "Keep the device’s", "Revoke", "Release", "Hand on…"])
    expect(await page.getByRole("button", { name }).count()).toBe(0);
  expect(await page.getByRole("tab", { name: "Log" }).count()).toBe(0);
  await done();
});

it("looks again when the edge says that a device changed", async () => {
  const { page, edge, done } = await visit("/devices");
  await page.getByRole("link", { name: "Side door" }).waitFor();
  const renamed = fleet.devices.map((one) => (one.name === "Side door" ? { ...one, name: "Harbour door" } : one));
  await page.route("**/api/devices", (route) => route.fulfill({ json: { devices: renamed } }));
  const { deviceId } = fleet.gateDetail;
  edge.say({ type: "device-changed", deviceId });
  await page.getByRole("link", { name: "Harbour door" }).waitFor();
  await done();
});

it("fits 320 pixels without sideways scrolling, in German", async () => {
  for (const path of ["/devices", gate]) {
    const { page, done } = await visit(path, { width: 320, german: true });
    await page.getByRole("heading").first().waitFor();
    await page.waitForLoadState("networkidle");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect({ path, wide }).toEqual({ path, wide: 320 });
    await done();
  }
});
