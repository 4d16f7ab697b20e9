import { expect, it } from "vitest";
import { auditList, teamList, teamMade } from "#core/messages/people.ts";
import { doorList } from "#core/messages/portal-api.ts";
import { ensureVirtualStation } from "#db/queries/devices.ts";
import { device } from "#db/schema/device.ts";
import { site } from "#db/schema/organisation.ts";
import { colleague, type Portal, somebody } from "../testing/portal.ts";

const teamsOf = async (portal: Portal) => teamList.parse(await (await portal.ask("/api/teams")).json()).teams;
const doorsOf = async (portal: Portal) =>
  doorList.parse(await (await portal.ask("/api/doors")).json()).doors.map((door) => door.deviceId);
const make = (portal: Portal, name: string) => portal.ask("/api/teams", { body: { name } });
async function made(portal: Portal, name: string): Promise<string> {
  return teamMade.parse(await (await make(portal, name)).json()).teamId;
}
const member = (portal: Portal, method: "PUT" | "DELETE", team: string, userId: string) =>
  portal.ask(`/api/teams/${team}/members/${userId}`, { method });
const share = (portal: Portal, team: string, body: object) => portal.ask(`/api/teams/${team}/shares`, { body });
const drop = (portal: Portal, path: string) => portal.ask(path, { method: "DELETE" });

async function house() {
  const owner = await somebody();
  const [resident, other] = [await colleague(owner.portal, "resident"), await colleague(owner.portal, "viewer")];
  const door = await ensureVirtualStation(owner.db, { userId: "mara", name: "Mara Lenz" }, Date.now());
  const [stands] = await owner.db.select({ siteId: device.siteId }).from(device);
  return { owner, resident, other, door, siteId: stands?.siteId ?? "" };
}

it("gives who is in it what is shared with it, from now on, and takes it away at once", async () => {
  const { owner, resident, other, door, siteId } = await house();
  const team = await made(owner.portal, "Caretakers");
  expect((await member(owner.portal, "PUT", team, resident.userId)).status).toBe(204);
  expect((await member(owner.portal, "PUT", team, resident.userId)).status).toBe(204);
  expect(await doorsOf(resident.portal)).toEqual([]);

  const before = await resident.portal.live();
  expect((await share(owner.portal, team, { siteId })).status).toBe(204);
  expect(await before.closed).toBe(4409);
  expect([await doorsOf(resident.portal), await doorsOf(other.portal)]).toEqual([[door], []]);
  expect(await teamsOf(owner.portal)).toMatchObject([
    { teamId: team, name: "Caretakers", members: [resident.userId], shares: [{ siteId, name: "Try it" }] },
  ]);

  const inIt = await resident.portal.live();
  expect((await member(owner.portal, "DELETE", team, resident.userId)).status).toBe(204);
  expect(await inIt.closed).toBe(4409);
  expect(await doorsOf(resident.portal)).toEqual([]);
  expect((await member(owner.portal, "DELETE", team, resident.userId)).status).toBe(404);
});

it("loses its door with the share, with its end, with the moment the share ends, and by nothing that is another's", async () => {
  const { owner, resident, other, door, siteId } = await house();
  const [team, second] = [await made(owner.portal, "Caretakers"), await made(owner.portal, "Night")];
  for (const one of [team, second]) await member(owner.portal, "PUT", one, resident.userId);
  await member(owner.portal, "PUT", team, other.userId);
  await share(owner.portal, team, { deviceId: door });
  await share(owner.portal, second, { siteId });
  const shareId = async (of: string) =>
    (await teamsOf(owner.portal)).find(({ teamId }) => teamId === of)?.shares[0]?.shareId;

  const socket = await other.portal.live();
  expect((await drop(owner.portal, `/api/shares/${await shareId(team)}`)).status).toBe(204);
  expect(await socket.closed).toBe(4409);
  expect([await doorsOf(other.portal), await doorsOf(resident.portal)]).toEqual([[], [door]]);

  const last = await resident.portal.live();
  expect((await drop(owner.portal, `/api/teams/${second}`)).status).toBe(204);
  expect(await last.closed).toBe(4409);
  expect(await doorsOf(resident.portal)).toEqual([]);

  const endsAt = Date.now() + 2_000;
  await share(owner.portal, team, { deviceId: door, endsAt });
  expect(await doorsOf(resident.portal)).toEqual([door]);
  expect(await (await resident.portal.live()).closed).toBe(4409);
  expect(Date.now()).toBeGreaterThanOrEqual(endsAt);
  expect(await doorsOf(resident.portal)).toEqual([]);
});

it("is its organisation's alone, called by a name of its own, and for who runs the house to change", async () => {
  const { owner, resident, door } = await house();
  const stranger = await somebody();
  const team = await made(owner.portal, "Caretakers");
  const others = await made(stranger.portal, "Caretakers");
  expect((await make(owner.portal, "Caretakers")).status).toBe(409);
  const night = await made(owner.portal, "Night");
  const rename = (id: string, name: string) =>
    owner.portal.ask(`/api/teams/${id}`, { method: "PATCH", body: { name } });
  expect((await rename(night, "Caretakers")).status).toBe(409);
  expect((await rename(night, "By night")).status).toBe(204);
  expect((await rename(others, "Ours")).status).toBe(404);

  expect((await member(owner.portal, "PUT", team, stranger.userId)).status).toBe(404);
  expect((await member(owner.portal, "PUT", others, resident.userId)).status).toBe(404);
  expect((await share(owner.portal, others, { deviceId: door })).status).toBe(404);
  expect((await share(stranger.portal, others, { deviceId: door })).status).toBe(404);
  expect((await drop(owner.portal, `/api/teams/${others}`)).status).toBe(404);
  expect((await member(resident.portal, "PUT", team, resident.userId)).status).toBe(403);
  expect((await resident.portal.ask("/api/teams")).status).toBe(403);
  expect((await teamsOf(owner.portal)).map(({ name }) => name)).toEqual(["By night", "Caretakers"]);
});

it("ends its memberships with the person's own, and writes all of it down", async () => {
  const { owner, resident, door } = await house();
  const team = await made(owner.portal, "Caretakers");
  await member(owner.portal, "PUT", team, resident.userId);
  await share(owner.portal, team, { deviceId: door });
  await owner.portal.ask(`/api/teams/${team}`, { method: "PATCH", body: { name: "By day" } });
  await owner.portal.ask(`/api/people/${resident.userId}`, { method: "DELETE" });
  expect(await teamsOf(owner.portal)).toMatchObject([{ members: [] }]);
  await drop(owner.portal, `/api/teams/${team}`);
  const { entries } = auditList.parse(await (await owner.portal.ask("/api/audit")).json());
  const told = entries.map(({ what }) => (what.type === "change" ? [what.action, what.before, what.after] : []));
  expect(told.slice(0, 6)).toEqual([
    ["end-team", { name: "By day" }, undefined],
    ["remove-person", { name: "Anna", role: "resident" }, undefined],
    ["rename-team", { name: "Caretakers" }, { name: "By day" }],
    ["share-door", undefined, { name: "Caretakers", place: "Virtual station" }],
    ["join-team", undefined, { name: "Anna", team: "Caretakers" }],
    ["make-team", undefined, { name: "Caretakers" }],
  ]);
});

it("a door that moves to another site goes from those with whom the one is shared to those with whom the other is", async () => {
  const { owner, resident, other, door, siteId } = await house();
  const elsewhere = crypto.randomUUID();
  await owner.db.insert(site).values({ id: elsewhere, organisationId: owner.organisationId, name: "Elsewhere" });
  await owner.portal.ask(`/api/people/${resident.userId}/shares`, { body: { siteId } });
  const team = await made(owner.portal, "Caretakers");
  await member(owner.portal, "PUT", team, other.userId);
  await share(owner.portal, team, { siteId: elsewhere });
  const moves = async (path: string, asking: Parameters<Portal["ask"]>[1]) => {
    const sockets = [await resident.portal.live(), await other.portal.live()];
    expect((await owner.portal.ask(path, asking)).status).toBe(200);
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4409, 4409]);
    return [await doorsOf(resident.portal), await doorsOf(other.portal)];
  };
  const there = { method: "PATCH", body: { version: 1, siteId: elsewhere } };
  expect(await moves(`/api/devices/${door}`, there)).toEqual([[], [door]]);
  const back = { body: { devices: [door], action: { do: "move", siteId } } };
  expect(await moves("/api/devices/bulk", back)).toEqual([[door], []]);
});
