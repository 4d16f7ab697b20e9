import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { bulkResults, commandList, deviceDetail, deviceList, siteList, siteRow } from "#core/messages/device-api.ts";
import { peopleList } from "#core/messages/people.ts";
import { doorList, type Role } from "#core/messages/portal-api.ts";
import { type DeviceId, deviceId } from "#core/messages/values.ts";
import { configurationOf, saveReports, saveSent } from "#db/queries/configuration.ts";
import { saveProgress } from "#db/queries/device-presence.ts";
import { ensureVirtualStation } from "#db/queries/devices.ts";
import { device, deviceButton } from "#db/schema/device.ts";
import { deviceCommand } from "#db/schema/device-command.ts";
import { rollout } from "#db/schema/firmware.ts";
import { member } from "#db/schema/organisation.ts";
import { bring } from "../testing/broker.ts";
import { claimedDevice } from "../testing/claimed.ts";
import { newMaker } from "../testing/factory.ts";
import { colleague, type Portal, somebody } from "../testing/portal.ts";

const light = { when: "ringing", output: 2, name: "Light", delay: 0, duration: 120_000, enabled: true };

/** Somebody with a claimed OD10 at a site of their own. */
async function withDevice(role?: Parameters<typeof somebody>[0]) {
  const person = await somebody();
  const { portal, db, organisationId } = person;
  const made = await portal.ask("/api/sites", { body: { name: "Lindenhof 4", timeZone: "Europe/Vienna" } });
  const { siteId } = siteRow.parse(await made.json());
  const id = deviceId.parse(crypto.randomUUID());
  const plate = { model: "OD10 TD CM", revision: "AA", serial: `MX-${id.slice(0, 8)}` };
  await db.insert(device).values({ id, organisationId, siteId, name: "Courtyard gate", ...plate });
  await db.insert(deviceButton).values({ organisationId, deviceId: id, key: "reception", label: "Reception" });
  if (role) await db.update(member).set({ role }).where(eq(member.userId, person.userId));
  const look = async () => deviceDetail.parse(await (await portal.ask(`/api/devices/${id}`)).json());
  const change = (body: object) => portal.ask(`/api/devices/${id}`, { method: "PATCH", body });
  return { ...person, id, siteId, look, change };
}

it("lists a device with its model, its site and what of it wants a hand", async () => {
  const { portal, id, siteId } = await withDevice();
  const { devices } = deviceList.parse(await (await portal.ask("/api/devices")).json());
  expect(devices).toMatchObject([
    {
      deviceId: id,
      name: "Courtyard gate",
      site: { siteId, name: "Lindenhof 4" },
      model: "OD10 TD CM",
      family: "MX",
      online: false,
      settings: "on-its-way",
      needs: ["offline"],
    },
  ]);
  const { sites } = siteList.parse(await (await portal.ask("/api/sites")).json());
  expect(sites).toMatchObject([{ siteId, timeZone: "Europe/Vienna", devices: 1 }]);
});

it("says of a device by which certificate it is at work, what it runs, whose it is and since when it is away", async () => {
  const { deviceId: id, portal, serial, own } = await claimedDevice(await newMaker());
  const look = async () => deviceDetail.parse(await (await portal.ask(`/api/devices/${id}`)).json());
  const claimedAt = Date.now();
  await bring(id, { kind: "came" });
  await bring(id, { kind: "reported", body: { version: 1, configuration: {}, firmware: "3.14.1" } });
  const there = await look();
  const [from, until] = [own.certificate.notBefore.getTime(), own.certificate.notAfter.getTime()];
  expect(there).toMatchObject({ serial, model: "WS 301V CM", firmware: "3.14.1", online: true, needs: [] });
  expect(there.since).toBeGreaterThanOrEqual(claimedAt);
  expect(there.certificate?.until).toBe(until);
  const life = ((there.certificate?.renewsAt ?? 0) - from) / (until - from);
  expect(life).toBeCloseTo(2 / 3, 2);
  expect(there.claimed).toMatchObject({ by: "Anna" });
  expect(Math.abs((there.claimed?.at ?? 0) - claimedAt)).toBeLessThan(10_000);

  const leftAt = Date.now();
  await bring(id, { kind: "went" });
  const { since, lastSeenAt, online, needs } = await look();
  expect([online, needs, lastSeenAt]).toEqual([false, ["offline"], since]);
  expect(since).toBeGreaterThanOrEqual(leftAt);
  await portal.ask(`/api/devices/${id}/revoke`, { method: "POST" });
  const revoked = await look();
  expect([revoked.certificate, revoked.needs, revoked.blocked]).toEqual([undefined, ["revoked"], true]);
});

it("says which button rings nobody and whom no button rings, by who gets to the door", async () => {
  const { portal, db, id, siteId, userId } = await withDevice();
  const operator = await colleague(portal, "operator");
  const list = async () => deviceList.parse(await (await portal.ask("/api/devices")).json());
  const people = async () => peopleList.parse(await (await portal.ask("/api/people")).json()).people;
  /** As who owns the house would see it, if they answered no door. */
  const needs = async () => {
    const be = (role: Role) => db.update(member).set({ role }).where(eq(member.userId, userId));
    await be("installer");
    const { devices, unrung } = await list();
    await be("owner");
    expect(unrung).toEqual([]);
    return devices[0]?.needs;
  };
  const share = (body: object) => portal.ask(`/api/people/${operator.userId}/shares`, { body });

  expect((await list()).unrung).toEqual([{ userId: operator.userId, name: "Anna" }]);
  expect((await people()).map(({ unrung }) => unrung)).toEqual([false, true]);
  expect(await needs()).toEqual(["offline", "button-rings-nobody"]);
  await share({ siteId, endsAt: Date.now() + 60_000 });
  expect([(await list()).unrung, await needs()]).toEqual([[], ["offline"]]);
  await db.delete(deviceButton).where(eq(deviceButton.deviceId, id));
  expect((await list()).unrung).toHaveLength(1);
});

it("changes what is named, once for each look, and says who did it and how it was", async () => {
  const { look, change, id } = await withDevice();
  const { version } = await look();
  const changed = await change({ version, name: "Gate", outputRules: [light], groups: ["car park"] });
  expect(changed.status).toBe(200);
  const now = await look();
  expect(now).toMatchObject({
    name: "Gate",
    groups: ["car park"],
    configuration: { name: "Gate", outputRules: [light] },
  });
  expect(now.changes).toContainEqual(
    expect.objectContaining({
      action: "change-name",
      subject: id,
      by: expect.objectContaining({ name: "Anna" }),
      before: "Courtyard gate",
      after: "Gate",
    }),
  );
  const late = await change({ version, name: "Too late" });
  expect([late.status, (await late.json<{ code: string }>()).code]).toEqual([409, "changed-meanwhile"]);
});

it.each([
  [{ outputRules: [{ ...light, output: 9 }] }, 422, "no-such-output"],
  [
    { doorOpeners: [{ output: 2, name: "Gate", pulse: 3000, confirm: "hold" }], outputRules: [light] },
    422,
    "output-opens-a-door",
  ],
  [{ siteId: "5b1f0c3e-6a64-4c6e-9d0a-2f7e1c9a0001" }, 422, "unknown-site"],
  [
    {
      cameras: [
        {
          id: "5b1f0c3e-6a64-4c6e-9d0a-2f7e1c9a0001",
          name: "Yard",
          address: "rtsp://me:secret@10.0.0.1/",
          shown: "beside",
        },
      ],
    },
    400,
    "bad-request",
  ],
  [{ name: " " }, 400, "bad-request"],
  [{ password: "1234" }, 400, "bad-request"],
])("refuses what can't work: %j", async (parts, status, code) => {
  const { change, look } = await withDevice();
  const response = await change({ version: (await look()).version, ...parts });
  const said = await response.json<{ code: string; detail: string }>();
  expect([response.status, said.code]).toEqual([status, code]);
  expect(said.detail).not.toContain("secret");
});

it("keeps who may open by each opener, lets owner and administrators alone say it, and tells the device nothing of it", async () => {
  const { portal, db, id, siteId, userId, look, change } = await withDevice();
  const operator = await colleague(portal, "operator");
  await portal.ask(`/api/people/${operator.userId}/shares`, { body: { siteId } });
  const doorOf = async (who: Portal) => doorList.parse(await (await who.ask("/api/doors")).json()).doors[0];
  const set = async (doorOpeners: object[]) => {
    const answer = await change({ version: (await look()).version, doorOpeners });
    return [answer.status, (await answer.json<{ code?: string }>()).code];
  };
  const street = { output: 1, name: "Street door", pulse: 3_000, confirm: "ask" };
  const rights = async () => (await look()).configuration.doorOpeners.map(({ openedBy }) => openedBy);

  await set([street]);
  expect(await rights()).toEqual(["everybody"]);
  const offered = async () => (await doorOf(operator.portal))?.openers;
  expect(await offered()).toEqual([street]);
  expect(await set([{ ...street, openedBy: { roles: ["owner"], people: ["nobody"] } }])).toEqual([
    422,
    "unknown-person",
  ]);
  expect(await set([{ ...street, openedBy: { roles: ["owner"], people: [] } }])).toEqual([200, undefined]);
  expect(await offered()).toEqual([]);
  const wicket = { ...street, output: 2, name: "Wicket" };
  await set([
    { ...street, openedBy: { roles: ["owner"], people: [] } },
    { ...wicket, openedBy: "everybody" },
  ]);
  expect([await offered(), (await doorOf(portal))?.openers]).toEqual([[wicket], [street, wicket]]);
  await set([{ ...street, openedBy: { roles: ["owner"], people: [operator.userId] } }]);
  const both = { roles: ["owner"], people: [{ userId: operator.userId, name: "Anna" }] };
  expect([await rights(), await offered()]).toEqual([[both], [street]]);
  expect(JSON.stringify((await configurationOf(db, id))?.configuration)).not.toContain(operator.userId);
  expect((await look()).changes[0]).toMatchObject({ action: "change-doorOpeners", after: [{ openedBy: both }] });

  await db.update(member).set({ role: "installer" }).where(eq(member.userId, userId));
  expect(await set([{ ...street, pulse: 5_000 }])).toEqual([200, undefined]);
  expect(await rights()).toEqual([both]);
  for (const openers of [[], [{ ...street, output: 2 }], [{ ...street, openedBy: "everybody" }]])
    expect(await set(openers)).toEqual([403, "not-allowed"]);
  // Whoever leaves takes the right along, and comes back without it.
  await db.delete(member).where(eq(member.userId, operator.userId));
  expect(await rights()).toEqual([{ roles: ["owner"], people: [] }]);
});

/** The device hears what it is told, and then somebody changes its name on it. */
async function renameOnDevice(
  db: Parameters<typeof saveSent>[0],
  id: DeviceId,
  told: ReturnType<typeof deviceDetail.parse>,
) {
  const { version, configuration } = told;
  await saveSent(db, [{ deviceId: id, version, configuration }]);
  const said = { version, configuration: { ...configuration, name: "By hand" }, firmware: "3.14.1" };
  await saveReports(db, [{ deviceId: id, ...said }], new Date());
}

it("shows what was changed on the device itself, to keep or to drop", async () => {
  const { portal, db, id, look } = await withDevice();
  await renameOnDevice(db, id, await look());
  const before = await look();
  expect(before.differences).toEqual([{ field: "name", here: "Courtyard gate", onDevice: "By hand" }]);
  expect(before).toMatchObject({ firmware: "3.14.1", settings: "applied", needs: ["offline", "changed-on-device"] });
  const decide = (decision: string) =>
    portal.ask(`/api/devices/${id}/differences`, { body: { field: "name", decision } });
  expect((await decide("keep")).status).toBe(200);
  expect(await look()).toMatchObject({ name: "By hand", settings: "on-its-way", needs: ["offline"] });
  expect([(await decide("drop")).status, (await look()).differences]).toEqual([409, []]);
});

it("does one thing to many devices, and tells of each what became of it", async () => {
  const { portal, db, id, siteId, organisationId, look, change } = await withDevice();
  const stranger = await withDevice();
  const virtual = await ensureVirtualStation(db, { userId: "mara", name: "Mara Lenz" }, Date.now());
  const devices = [id, virtual, stranger.id];
  const bulk = async (action: object) => {
    const answer = await portal.ask("/api/devices/bulk", { body: { devices, action } });
    expect(answer.status).toBe(200);
    return bulkResults.parse(await answer.json()).results.map(({ outcome }) => outcome);
  };
  const other = siteRow.parse(await (await portal.ask("/api/sites", { body: { name: "Hafenkai 12" } })).json());
  const move = { do: "move", siteId: other.siteId };
  expect(await bulk(move)).toEqual(["done", "done", "unknown"]);
  expect(await bulk(move)).toEqual(["unchanged", "unchanged", "unknown"]);
  expect(await bulk({ do: "add-group", group: "car park" })).toEqual(["done", "done", "unknown"]);
  expect(await look()).toMatchObject({ site: { name: "Hafenkai 12" }, groups: ["car park"] });
  expect((await look()).changes.map(({ action }) => action)).toEqual(["change-groups", "change-siteId"]);
  await change({ version: (await look()).version, groups: Array.from({ length: 20 }, (_, n) => `group ${n}`) });
  expect(await bulk({ do: "add-group", group: "one more" })).toEqual(["not-possible", "done", "unknown"]);
  const pattern = deviceId.parse(crypto.randomUUID());
  const plate = { model: "OD10 TD CM", revision: "AA", serial: `MX-${pattern.slice(0, 8)}` };
  await db.insert(device).values({ id: pattern, organisationId, siteId, name: "Pattern", ...plate });
  const set = { method: "PATCH", body: { version: 1, outputRules: [light] } };
  expect((await portal.ask(`/api/devices/${pattern}`, set)).status).toBe(200);
  const apply = { do: "apply-output-rules", from: pattern };
  expect(await bulk(apply)).toEqual(["done", "not-possible", "unknown"]);
  expect(await bulk(apply)).toEqual(["unchanged", "not-possible", "unknown"]);
  expect((await look()).configuration.outputRules).toEqual([light]);
  expect((await look()).changes[0]).toMatchObject({ action: "change-outputRules", before: [], after: [light] });
  for (const command of ["update-firmware", "renew-certificate", "fetch-log"])
    expect(await bulk({ do: command })).toEqual(["offline", "not-possible", "unknown"]);
  expect((await look()).changes.slice(0, 3).map(({ action }) => action)).toEqual([
    "ask-upload-log",
    "ask-renew-certificate",
    "ask-update-firmware",
  ]);
  const { commands } = commandList.parse(await (await portal.ask(`/api/devices/${id}/commands`)).json());
  expect(commands.map((one) => [one.do, one.by, one.state]).sort()).toEqual([
    ["renew-certificate", "Anna", "offline"],
    ["update-firmware", "Anna", "offline"],
    ["upload-log", "Anna", "offline"],
  ]);
  expect(await stranger.look()).toMatchObject({ site: { name: "Lindenhof 4" }, groups: [] });

  const refused = async (body: object) => (await portal.ask("/api/devices/bulk", { body })).status;
  expect(await refused({ devices, action: { do: "move", siteId: stranger.siteId } })).toBe(422);
  expect(await refused({ devices, action: { do: "apply-output-rules", from: stranger.id } })).toBe(422);
  expect(await refused({ devices: [id, id], action: move })).toBe(400);
  expect(await refused({ devices: [], action: move })).toBe(400);
});

it("tells a device the hours in which it may start its newest release, unless it is to do so at once", async () => {
  const { portal, db, id } = await withDevice();
  const windows = [{ days: [6, 7], from: 60, length: 120 }];
  const setting = { policy: "manual", windows, approval: false };
  expect((await portal.ask("/api/firmware", { method: "PATCH", body: setting })).status).toBe(200);
  const told = async (asked: object) => {
    const action = { do: "update-firmware", ...asked };
    await portal.ask("/api/devices/bulk", { body: { devices: [id], action } });
    await portal.ask(`/api/devices/${id}/commands`, { body: action });
    const rows = await db.select().from(deviceCommand).where(eq(deviceCommand.deviceId, id));
    await db.delete(deviceCommand);
    return rows.map(({ command }) => command);
  };
  const inItsHours = { do: "update-firmware", restartIn: { windows, timeZone: "Europe/Vienna" } };
  expect(await told({})).toEqual([inItsHours, inItsHours]);
  expect(await told({ restart: "at-once" })).toEqual([{ do: "update-firmware" }, { do: "update-firmware" }]);
  await portal.ask("/api/firmware", { method: "PATCH", body: { ...setting, windows: [] } });
  expect(await told({})).toEqual([{ do: "update-firmware" }, { do: "update-firmware" }]);
});

it("moves a door, alone or with others, away at once from those with whom its old site is shared", async () => {
  const { portal, db, id, siteId, look, change } = await withDevice();
  const resident = await colleague(portal, "resident");
  const other = siteRow.parse(await (await portal.ask("/api/sites", { body: { name: "Hafenkai 12" } })).json());
  const shares = `/api/people/${resident.userId}/shares`;
  expect((await portal.ask(shares, { body: { siteId } })).status).toBeLessThan(300);
  const before = await resident.portal.live();
  await portal.ask("/api/devices/bulk", { body: { devices: [id], action: { do: "move", siteId: other.siteId } } });
  expect(await before.closed).toBe(4409);
  const doors = async () => doorList.parse(await (await resident.portal.ask("/api/doors")).json()).doors;
  expect(await doors()).toEqual([]);

  const { version } = await look();
  const outside = await resident.portal.live();
  expect((await change({ version: version - 1, siteId })).status).toBe(409);
  expect((await change({ version, siteId })).status).toBe(200);
  expect(await outside.closed).toBe(4409);
  expect(await doors()).toMatchObject([{ deviceId: id }]);
  expect((await configurationOf(db, id))?.version).toBe(version + 1);
});

it("says that an update failed until it runs after all, another takes its place, or somebody takes note", async () => {
  const { portal, db, id, look } = await withDevice();
  const failed = { release: 3, phase: "fell-back", received: 9, size: 9, repeated: 0 } as const;
  const needs = async () => (await look()).needs.filter((need) => need === "update-failed");
  const runs = (number: number) => {
    const said = { version: 1, configuration: {}, firmware: "x", release: { number, belowFloor: false } };
    return saveReports(db, [{ deviceId: id, ...said }], new Date());
  };
  await runs(2);
  await saveProgress(db, id, failed);
  expect(await needs()).toEqual(["update-failed"]);
  await runs(3);
  expect(await needs()).toEqual([]);
  await runs(2);
  const next = {
    id: crypto.randomUUID(),
    organisationId: db.organisationId,
    model: "OD10 TD CM",
    revision: "AA",
    release: 4,
  };
  const about = { critical: false, state: "running" as const, steps: [100], step: 0, approval: false };
  await db
    .insert(rollout)
    .values({ ...next, ...about, stepSince: new Date(), startedAt: new Date(), changedAt: new Date() });
  expect(await needs()).toEqual([]);
  await db.delete(rollout);
  expect(await needs()).toEqual(["update-failed"]);
  const note = () => portal.ask(`/api/devices/${id}/failed-update`, { method: "DELETE" });
  expect(deviceDetail.parse(await (await note()).json())).toMatchObject({ needs: ["offline"] });
  expect((await note()).status).toBe(409);
  expect((await look()).changes[0]).toMatchObject({
    action: "note-failed-update",
    before: failed,
    by: { name: "Anna" },
  });
});

it("lets an operator look and change nothing, and a resident not even look", async () => {
  const operator = await withDevice("operator");
  const { version } = await operator.look();
  expect((await operator.change({ version, name: "Mine" })).status).toBe(403);
  const resident = await withDevice("resident");
  expect((await resident.portal.ask("/api/devices")).status).toBe(403);
});

it("shows and changes nothing of another organisation's", async () => {
  const { id, look, siteId } = await withDevice();
  const stranger = await somebody();
  const { version } = await look();
  const asked = [
    stranger.portal.ask(`/api/devices/${id}`),
    stranger.portal.ask(`/api/devices/${id}`, { method: "PATCH", body: { version, name: "Mine" } }),
    stranger.portal.ask(`/api/devices/${id}/differences`, { body: { field: "name", decision: "drop" } }),
    stranger.portal.ask(`/api/sites/${siteId}`, { method: "PATCH", body: { name: "Mine" } }),
  ];
  for (const response of await Promise.all(asked)) expect(response.status).toBe(404);
  expect((await look()).name).toBe("Courtyard gate");
});
