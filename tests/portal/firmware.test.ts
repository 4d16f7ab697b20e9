/** The firmware's pages: what rolls out, what stopped, and what devices take by themselves. The edge is played. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import {
  devicePolicy,
  type FirmwareOverview,
  firmwareOverview,
  organisationPolicy,
  rolloutDecision,
  rolloutDetail,
  sitePolicy,
} from "#core/messages/firmware-api.ts";
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

const at = (date: number, hours: number, minutes: number) => new Date(2026, 10, date, hours, minutes).getTime();
const step = (percent: number, waits: number, underWay: number, healthy: number, failed = 0) => ({
  ...{ percent, waits, underWay, healthy, failed },
});
const common = { revision: "AA", approval: false, critical: false, goesBack: false, step: 1, startedAt: at(23, 2, 1) };
const going = {
  ...common,
  rolloutId: "70000000-0000-4000-8000-000000000001",
  model: "OD10 TD CM",
  release: 14,
  critical: true,
  note: "fixes a certificate check",
  state: "running",
  changedAt: at(24, 2, 0),
  nextAt: at(25, 2, 0),
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  steps: [step(1, 0, 0, 1), step(10, 1, 1, 1), step(100, 18, 0, 0)],
};
const stopped = {
  ...common,
  rolloutId: "70000000-0000-4000-8000-000000000002",
  model: "ET 962H",
  release: 9,
  state: "stopped",
  reason: "failures",
  by: "Tom Hoekstra",
  changedAt: at(24, 2, 14),
  wayBack: 10,
  steps: [step(1, 0, 0, 1), step(10, 0, 0, 4), step(100, 12, 0, 32, 3)],
};
const asks = {
  ...common,
  rolloutId: "70000000-0000-4000-8000-000000000003",
  model: "IM3",
  release: 6,
  state: "awaits-approval",
  step: 0,
  changedAt: at(24, 8, 0),
  steps: [step(1, 0, 0, 1), step(10, 1, 0, 0), step(100, 9, 0, 0)],
};
const past = { ...common, rolloutId: "70000000-0000-4000-8000-000000000004", model: "IM3", release: 5, state: "done" };
const nightly = [{ days: [1, 2, 3, 4, 5, 6, 7], from: 120, length: 180 }];

const overview: FirmwareOverview = firmwareOverview.parse({
  hardware: [
    {
      ...{ model: "ET 962H", revision: "AD", family: "BF" },
      releases: [{ number: 10, critical: false, size: 7_000_000 }],
      running: [
        { release: 9, devices: 37 },
        { release: 8, devices: 15 },
      ],
    },
    {
      ...{ model: "IM3", revision: "AA", family: "MX" },
      releases: [{ number: 6, critical: false, size: 260_000_000 }],
      running: [{ release: 6, devices: 1 }, { release: 5, devices: 9 }, { devices: 1 }],
    },
    {
      ...{ model: "OD10 TD CM", revision: "AA", family: "MX" },
      releases: [{ number: 14, critical: true, note: "fixes a certificate check", size: 312_000_000 }],
      running: [
        { release: 14, devices: 2 },
        { release: 13, devices: 20 },
      ],
    },
  ],
  rollouts: [stopped, asks, going, { ...past, changedAt: at(20, 3, 0), steps: [step(100, 0, 0, 10)] }],
  organisation: { policy: "security-critical", windows: nightly, approval: false },
  sites: fleet.sites.map((site, n) => (n === 2 ? { ...site, policy: "all", windows: [] } : site)),
});
const detail = rolloutDetail.parse({
  ...stopped,
  devices: [["failed", "silent"], ["failed", "fell-back"], ["failed", "failed"], ["healthy"], ["waits"]].map(
    ([state, failure], n) => ({
      ...{ deviceId: fleet.devices[n]?.deviceId, name: fleet.devices[n]?.name, site: "Hafenkai 12" },
      ...{ step: 2, state, failure, since: at(24, 2, 14), online: n !== 0 },
      ...(failure === "failed" ? { detail: "no-answer" } : {}),
    }),
  ),
  changes: [
    { action: "move-rollout", at: at(24, 2, 14), after: { state: "stopped", step: 2 } },
    { action: "approve-rollout", at: at(23, 9, 0), by: { userId: day.me.user.id, name: day.me.user.name } },
    { action: "begin-rollout", at: at(22, 8, 0), by: { userId: "tom", name: "Tom Hoekstra" } },
  ].map((line, n) => ({
    ...{ id: `c1000000-0000-4000-8000-00000000000${n}`, subject: stopped.rolloutId, before: null, after: null },
    ...line,
  })),
});

const api = { ...fleet.api, "/api/firmware": overview, [`/api/rollouts/${stopped.rolloutId}`]: detail };
const visit = (path: string, how: Visit = {}) => visitPage(portal, path, { ...how, api: { ...api, ...how.api } });

it.each([false, true])("has no barrier, dark: %s", async (dark) => {
  const { page, done } = await visit("/firmware", { dark });
  await page.getByRole("heading", { name: "OD10 TD CM, release 14 rolls out" }).waitFor();
  await keepPicture(page, `firmware-${dark ? "dark" : "light"}`);
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "Change for: Hafenkai 12" }).click();
  await page.getByRole("dialog", { name: "Hafenkai 12" }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.goto(`${portal.origin}/firmware/${stopped.rolloutId}`);
  await page.getByText("Restarted, and was silent").waitFor();
  await keepPicture(page, `rollout-${dark ? "dark" : "light"}`);
  expect(await barriers(page)).toEqual([]);
  await done();
});

it("can be read whole at 135 % of the text's size, in German", async () => {
  const { page, done } = await visit("/firmware", { german: true });
  await page.getByRole("heading", { name: "OD10 TD CM, Stand 14 wird verteilt" }).waitFor();
  await enlarge(page, 135);
  expect(await unreadable(page, "main")).toEqual([]);
  await page.goto(`${portal.origin}/firmware/${stopped.rolloutId}`);
  await page.getByText("Startete neu und meldete sich nicht").waitFor();
  await enlarge(page, 135);
  await keepPicture(page, "rollout-135-de");
  expect(await unreadable(page, "main")).toEqual([]);
  await done();
});

it("says how far each step is, what stopped and why, and takes what is decided", async () => {
  const { page, done } = await visit("/firmware");
  const asked: unknown[] = [];
  await page.route("**/api/rollouts/*", (route) => {
    const { pathname } = new URL(route.request().url());
    asked.push([pathname.split("/").at(-1), rolloutDecision.parse(route.request().postDataJSON()).do]);
    return route.fulfill({ json: detail });
  });
  const fails = page.getByRole("region", { name: "ET 962H, release 9 stopped by itself" });
  await fails.getByText("3 of 40 failed, stopped at 02:14.").waitFor();
  const runs = page.getByRole("region", { name: "OD10 TD CM, release 14 rolls out" });
  expect(await runs.getByRole("listitem").allInnerTexts()).toEqual([
    "1%, 1 device\nDone, healthy",
    "10%, 3 devices\n1 of 3 updated",
    "100%, 18 devices\nWaits. Stops by itself above 5% failures",
  ]);
  expect(await runs.getByText("Next devices").innerText()).toContain("02:00, in the maintenance window");
  await page.getByRole("button", { name: "Go back behind ET 962H, release 9" }).click();
  await page.getByRole("button", { name: "Pause the rollout of OD10 TD CM, release 14" }).click();
  await page.getByRole("button", { name: "Begin the next step of IM3, release 6" }).click();
  await vi.waitUntil(() => asked.length === 3);
  expect(asked).toEqual([
    [stopped.rolloutId, "go-back"],
    [going.rolloutId, "pause"],
    [asks.rolloutId, "approve"],
  ]);
  await done();
});

it("sets what devices take by themselves, for the organisation and for a site", async () => {
  const { page, done } = await visit("/firmware");
  const asked: unknown[] = [];
  await page.route("**/api/firmware", (route) => {
    if (route.request().method() === "PATCH") asked.push(organisationPolicy.parse(route.request().postDataJSON()));
    return route.fulfill({ json: overview });
  });
  await page.route("**/api/firmware/sites/*", (route) => {
    asked.push(sitePolicy.parse(route.request().postDataJSON()));
    return route.fulfill({ json: overview });
  });
  await page.getByRole("switch", { name: "Ask before each step" }).click({ force: true });
  await page.getByRole("button", { name: "Change for: Lindenhof 4" }).click();
  const dialog = page.getByRole("dialog", { name: "Lindenhof 4" });
  await dialog.getByRole("combobox", { name: "When" }).click();
  await page.getByRole("option", { name: "In these hours" }).click();
  await dialog.getByLabel("Sat").uncheck();
  await dialog.getByLabel("From").fill("23:30");
  await dialog.getByLabel("Until").fill("01:00");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  expect(asked).toEqual([
    { ...overview.organisation, approval: true },
    { windows: [{ days: [1, 2, 3, 4, 5, 7], from: 23 * 60 + 30, length: 90 }] },
  ]);
  await done();
});

it("stands on top of the devices, and lets one device have its own policy", async () => {
  const { deviceId } = fleet.gateDetail;
  const ofGate = `/api/firmware/devices/${deviceId}`;
  const { page, done } = await visit("/devices", { api: { [ofGate]: { otherwise: "all" } } });
  await page.getByRole("heading", { name: "ET 962H, release 9 stopped by itself" }).waitFor();
  await page.getByRole("link", { name: "2 more rollouts" }).waitFor();
  await keepPicture(page, "devices-rolling-out");
  expect(await barriers(page)).toEqual([]);
  const asked = new Promise((resolve) =>
    page.route(`**${ofGate}`, (route) => {
      if (route.request().method() !== "PATCH") return route.fulfill({ json: { otherwise: "all" } });
      resolve(devicePolicy.parse(route.request().postDataJSON()));
      return route.fulfill({ json: { otherwise: "all", policy: "manual" } });
    }),
  );
  await page.getByRole("link", { name: "Courtyard gate" }).click();
  const card = page.getByRole("region", { name: "Firmware updates" });
  await card.getByRole("combobox").click();
  await page.getByRole("option", { name: "None, by hand" }).click();
  expect(await asked).toEqual({ policy: "manual" });
  await keepPicture(page, "device-policy");
  expect(await barriers(page)).toEqual([]);
  await done();
});

it("says what is missing, lets an operator look alone, and fits a phone", async () => {
  const none = { ...overview, hardware: [], rollouts: [] };
  const empty = await visit("/firmware", { api: { "/api/firmware": none }, width: 320, german: true });
  await empty.page.getByText("Noch kein Gerät mit Firmware").waitFor();
  expect(await empty.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await empty.done();
  const narrow = await visit("/firmware", {
    width: 320,
    german: true,
    api: { "/api/me": { ...day.me, role: "operator" } },
  });
  await narrow.page.getByRole("heading", { name: "OD10 TD CM, Stand 14 wird verteilt" }).waitFor();
  expect(await narrow.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  for (const name of [/Pausieren|pausieren/, /zurückgehen/, /Ändern für/])
    expect(await narrow.page.getByRole("button", { name }).count()).toBe(0);
  await narrow.done();
  const broken = await visit("/firmware", { api: { "/api/firmware": { nothing: "of it" } } });
  await broken.page.getByText("The firmware did not load").waitFor();
  expect(await barriers(broken.page)).toEqual([]);
  await broken.done();
});
