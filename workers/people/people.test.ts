import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { auditList, auditPeople, organisationList, peopleList } from "#core/messages/people.ts";
import { callList, doorList, me } from "#core/messages/portal-api.ts";
import { saveCall, saveSnapshot } from "#db/queries/calls.ts";
import { ensureVirtualStation } from "#db/queries/devices.ts";
import { device } from "#db/schema/device.ts";
import { recordOf } from "#db/testing/house.ts";
import { colleague, invitationTo, newcomer, newEmail, Portal, read, refusal, somebody } from "../testing/portal.ts";

const peopleOf = async (portal: Portal) => peopleList.parse(await read(portal, "/api/people"));
const doorsOf = async (portal: Portal) => doorList.parse(await read(portal, "/api/doors")).doors;
const put = (portal: Portal, userId: string, role: string) =>
  portal.ask(`/api/people/${userId}/role`, { method: "PUT", body: { role } });
const remove = (portal: Portal, userId: string) => portal.ask(`/api/people/${userId}`, { method: "DELETE" });

it("lets nobody give or take away more than they have, and keeps an owner", async () => {
  const owner = await somebody();
  const admin = await colleague(owner.portal, "administrator");
  const viewer = await colleague(owner.portal, "viewer");
  const asOwner = { email: newEmail(), role: "owner" };
  expect((await admin.portal.ask("/api/invitations", { body: asOwner })).status).toBe(403);
  expect((await put(admin.portal, viewer.userId, "owner")).status).toBe(403);
  expect((await put(admin.portal, owner.userId, "viewer")).status).toBe(403);
  expect((await remove(admin.portal, owner.userId)).status).toBe(403);
  expect(await refusal(await put(admin.portal, admin.userId, "viewer"))).toEqual([409, "oneself"]);
  expect((await put(admin.portal, viewer.userId, "resident")).status).toBe(204);
  expect((await put(admin.portal, "nobody", "resident")).status).toBe(404);
  expect((await viewer.portal.ask("/api/people")).status).toBe(403);
  expect(await refusal(await owner.portal.ask("/api/leave", { method: "POST" }))).toEqual([409, "last-owner"]);
  expect((await put(owner.portal, admin.userId, "owner")).status).toBe(204);
  expect((await owner.portal.ask("/api/leave", { method: "POST" })).status).toBe(204);
  expect(me.parse(await read(admin.portal, "/api/me")).role).toBe("owner");
});

it("of two owners who make each other less at the same moment leaves one", async () => {
  const owner = await somebody();
  const other = await colleague(owner.portal, "owner");
  const asked = await Promise.all([
    put(owner.portal, other.userId, "viewer"),
    put(other.portal, owner.userId, "viewer"),
  ]);
  expect(asked.map(({ status }) => status).filter((status) => status === 204)).toHaveLength(1);
});

it.each(["is removed", "leaves"])(
  "puts who %s out at once: from the routes, their socket, and what they invited to",
  async (how) => {
    const owner = await somebody();
    const admin = await colleague(owner.portal, "administrator");
    const { closed } = await admin.portal.live();
    const guest = await newcomer();
    await admin.portal.ask("/api/invitations", { body: { email: guest.email, role: "viewer" } });
    const gone =
      how === "leaves" ? admin.portal.ask("/api/leave", { method: "POST" }) : remove(owner.portal, admin.userId);
    expect((await gone).status).toBe(204);
    expect(await closed).toBe(4409);
    for (const path of ["/api/me", "/api/doors", "/api/calls", "/api/people", "/api/live"])
      expect((await admin.portal.ask(path, { headers: { upgrade: "websocket" } })).status, path).toBe(403);
    const token = await invitationTo(guest.email, 2);
    const late = await guest.portal.ask("/api/invitation/accept", { body: { token } });
    expect(await refusal(late)).toEqual([410, "invitation-withdrawn"]);
  },
);

it("shows a person the doors that are shared with them, until the share ends, and their history", async () => {
  const owner = await somebody();
  const resident = await colleague(owner.portal, "resident");
  const door = await ensureVirtualStation(owner.db, { userId: "mara", name: "Mara Lenz" }, Date.now());
  await saveCall(owner.db, recordOf({ organisationId: owner.organisationId, door }));
  const callsOf = async (portal: Portal) => callList.parse(await read(portal, "/api/calls")).total;
  const share = (body: object) => owner.portal.ask(`/api/people/${resident.userId}/shares`, { body });
  expect([await doorsOf(resident.portal), await callsOf(resident.portal)]).toEqual([[], 0]);

  expect((await share({ deviceId: door })).status).toBe(204);
  expect([(await doorsOf(resident.portal)).map((one) => one.deviceId), await callsOf(resident.portal)]).toEqual([
    [door],
    1,
  ]);
  const { closed } = await resident.portal.live();
  const person = (await peopleOf(owner.portal)).people.find(({ userId }) => userId === resident.userId);
  expect(person?.shares).toMatchObject([{ deviceId: door, name: "Virtual station" }]);
  await owner.portal.ask(`/api/shares/${person?.shares[0]?.shareId}`, { method: "DELETE" });
  expect(await closed).toBe(4409);
  expect([await doorsOf(resident.portal), await callsOf(resident.portal)]).toEqual([[], 0]);

  const [stands] = await owner.db.select().from(device);
  const endsAt = Date.now() + 1_500;
  expect((await share({ siteId: stands?.siteId, endsAt })).status).toBe(204);
  expect(await doorsOf(resident.portal)).toHaveLength(1);
  expect(await (await resident.portal.live()).closed).toBe(4409);
  expect(Date.now()).toBeGreaterThanOrEqual(endsAt);
  expect(await doorsOf(resident.portal)).toEqual([]);
});

it("shares nothing of another organisation, nothing that is over, and not two things at once", async () => {
  const [owner, stranger] = [await somebody(), await somebody()];
  const viewer = await colleague(owner.portal, "viewer");
  const [own, foreign] = [
    await ensureVirtualStation(owner.db, { userId: "mara", name: "Mara Lenz" }, Date.now()),
    await ensureVirtualStation(stranger.db, { userId: "mara", name: "Mara Lenz" }, Date.now()),
  ];
  const share = (who: string, body: object) => owner.portal.ask(`/api/people/${who}/shares`, { body });
  expect((await share(viewer.userId, { deviceId: foreign })).status).toBe(404);
  expect((await share(stranger.userId, { deviceId: own })).status).toBe(404);
  expect((await share(viewer.userId, { deviceId: own, endsAt: 1 })).status).toBe(400);
  expect((await share(viewer.userId, { deviceId: own, siteId: own })).status).toBe(400);
  expect((await share(viewer.userId, {})).status).toBe(400);
});

it("lets who left their last organisation found another, once however often it is asked, and nobody who belongs to one", async () => {
  const owner = await somebody();
  const heir = await colleague(owner.portal, "operator");
  const found = (name = "Second house") => owner.portal.ask("/api/organisations", { body: { name } });
  expect(await refusal(await found())).toEqual([409, "belongs-already"]);
  await put(owner.portal, heir.userId, "owner");
  await owner.portal.ask("/api/leave", { method: "POST" });
  expect((await owner.portal.ask("/api/people")).status).toBe(403);
  expect((await found(" ")).status).toBe(400);
  const answers = await Promise.all([found(), found()]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 409]);
  expect(me.parse(await read(owner.portal, "/api/me"))).toMatchObject({
    role: "owner",
    organisation: { name: "Second house" },
  });
  expect((await peopleOf(owner.portal)).people).toHaveLength(1);
  const { entries } = auditList.parse(await read(owner.portal, "/api/audit"));
  expect(entries).toMatchObject([
    {
      by: { userId: owner.userId, name: "Anna" },
      what: { action: "found-organisation", after: { name: "Second house" } },
    },
  ]);
});

it("lets who belongs to two organisations work in either, and in no other", async () => {
  const [owner, host, stranger] = [await somebody(), await somebody(), await somebody()];
  await host.portal.ask("/api/invitations", { body: { email: owner.email, role: "viewer" } });
  await owner.portal.ask("/api/invitation/accept", { body: { token: await invitationTo(owner.email, 2) } });
  const where = async () =>
    organisationList
      .parse(await read(owner.portal, "/api/organisations"))
      .organisations.map(({ organisationId, role, current }) => [organisationId, role, current]);
  expect(await where()).toEqual([
    [owner.organisationId, "owner", false],
    [host.organisationId, "viewer", true],
  ]);
  const { closed } = await owner.portal.live();
  const enter = (id: string) => owner.portal.ask(`/api/organisations/${id}/enter`, { method: "POST" });
  expect((await enter(owner.organisationId)).status).toBe(204);
  // To come back in the other one: signed out they are not.
  expect(await closed).toBe(4409);
  expect(me.parse(await read(owner.portal, "/api/me")).role).toBe("owner");
  expect((await enter(stranger.organisationId)).status).toBe(404);
});

it("moves a session's sockets to the organisation that it enters by an invitation, and closes them with it", async () => {
  const [owner, host] = [await somebody(), await somebody()];
  const before = await owner.portal.live();
  await host.portal.ask("/api/invitations", { body: { email: owner.email, role: "viewer" } });
  await owner.portal.ask("/api/invitation/accept", { body: { token: await invitationTo(owner.email, 2) } });
  expect(await before.closed).toBe(4409);
  const after = await owner.portal.live();
  expect((await owner.portal.ask("/api/auth/sign-out", { body: {} })).status).toBe(200);
  expect(await after.closed).toBe(4401);
});

it("keeps who changed what about whom, and shows it to who runs the house alone", async () => {
  const owner = await somebody();
  const viewer = await colleague(owner.portal, "viewer");
  await put(owner.portal, viewer.userId, "resident");
  const door = await ensureVirtualStation(owner.db, { userId: "mara", name: "Mara Lenz" }, Date.now());
  await owner.portal.ask(`/api/people/${viewer.userId}/shares`, { body: { deviceId: door } });
  await remove(owner.portal, viewer.userId);
  await saveCall(owner.db, recordOf({ organisationId: owner.organisationId, door }));
  const { entries } = auditList.parse(await read(owner.portal, "/api/audit"));
  const seen = entries.map(({ what }) => (what.type === "change" ? [what.action, what.before, what.after] : what.type));
  expect(seen).toEqual([
    ["remove-person", { name: "Anna", role: "resident" }, undefined],
    ["share-door", undefined, { name: "Anna", place: "Virtual station" }],
    ["make-virtual-station", undefined, "Virtual station"],
    ["change-role", { name: "Anna", role: "viewer" }, { name: "Anna", role: "resident" }],
    ["join", undefined, { name: "Anna", role: "viewer" }],
    ["invite-person", undefined, { email: viewer.email, role: "viewer" }],
    ["found-organisation", undefined, { name: "Anna's house" }],
    "open-door",
  ]);
  expect(entries[0]?.by).toEqual({ userId: owner.userId, name: "Anna" });
  const installer = await colleague(owner.portal, "installer");
  expect((await installer.portal.ask("/api/audit")).status).toBe(403);
});

it("finds in the audit by person, kind and time, page by page, and knows who is in it", async () => {
  const owner = await somebody();
  const admin = await colleague(owner.portal, "administrator");
  const made = await admin.portal.ask("/api/sites", { body: { name: "Harbour", timeZone: "Europe/Berlin" } });
  expect(made.status).toBe(200);
  await put(owner.portal, admin.userId, "viewer");
  const door = await ensureVirtualStation(owner.db, { userId: "mara", name: "Mara Lenz" }, Date.now());
  await saveCall(owner.db, recordOf({ organisationId: owner.organisationId, door }));
  const found = async (query: string) => {
    const { entries } = auditList.parse(await read(owner.portal, `/api/audit?${query}`));
    return entries.map(({ what }) => (what.type === "change" ? what.action : what.type));
  };
  expect(await found("kind=people")).toEqual(["change-role", "join", "invite-person", "found-organisation"]);
  expect(await found(`kind=people&by=${admin.userId}`)).toEqual(["join"]);
  expect(await found("kind=doors")).toEqual(["open-door"]);
  expect(await found("kind=devices")).toEqual(["make-virtual-station"]);
  expect(await found(`until=${Date.now() - 60_000}&kind=sites`)).toEqual([]);
  const [site] = auditList.parse(await read(owner.portal, `/api/audit?from=${Date.now() - 60_000}&kind=sites`)).entries;
  expect(site).toMatchObject({ by: { name: "Anna" }, what: { action: "make-site", about: "Harbour" } });
  const people = auditPeople.parse(await read(owner.portal, "/api/audit/people")).people;
  expect(people.map(({ userId }) => userId)).toEqual(expect.arrayContaining([owner.userId, admin.userId]));

  for (let more = 0; more < 50; more++) await put(owner.portal, admin.userId, more % 2 === 0 ? "resident" : "viewer");
  const first = auditList.parse(await read(owner.portal, `/api/audit?kind=people&by=${owner.userId}`));
  expect(first.entries).toHaveLength(50);
  const rest = await read(owner.portal, `/api/audit?kind=people&by=${owner.userId}&cursor=${first.next}`);
  expect(auditList.parse(rest).entries.map(({ what }) => what)).toMatchObject([
    { action: "change-role", before: { role: "administrator" } },
    { action: "invite-person" },
    { action: "found-organisation" },
  ]);
  for (const query of ["kind=everything", "from=yesterday", "cursor=1"])
    expect((await owner.portal.ask(`/api/audit?${query}`)).status, query).toBe(400);
});

it("says of each person whether they have the portal open and since when they are signed in, here and not elsewhere", async () => {
  const [owner, host] = [await somebody(), await somebody()];
  const viewer = await colleague(owner.portal, "viewer");
  const here = async () => (await peopleOf(owner.portal)).people.map((one) => one.here);
  expect(await here()).toEqual([false, false]);
  const { socket } = await viewer.portal.live();
  const welcomed = new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));
  const clientId = crypto.randomUUID();
  socket.send(JSON.stringify({ type: "hello", protocol: 1, clientId, available: true }));
  await welcomed;
  expect(await here()).toEqual([false, true]);
  const signedIn = async () => (await peopleOf(owner.portal)).people.map(({ signedInAt }) => signedInAt !== undefined);
  expect(await signedIn()).toEqual([true, true]);
  await host.portal.ask("/api/invitations", { body: { email: viewer.email, role: "viewer" } });
  await viewer.portal.ask("/api/invitation/accept", { body: { token: await invitationTo(viewer.email, 3) } });
  expect(await signedIn()).toEqual([true, false]);
});

it("ends the address of a caller's picture with what let its person see the call", async () => {
  const owner = await somebody();
  const resident = await colleague(owner.portal, "resident");
  const door = await ensureVirtualStation(owner.db, { userId: "mara", name: "Mara Lenz" }, Date.now());
  const record = recordOf({ organisationId: owner.organisationId, door });
  await saveCall(owner.db, record);
  await saveSnapshot(owner.db, record.callId, record.startedAt);
  await env.SNAPSHOTS.put(`calls/${record.callId}.jpg`, new Uint8Array([0xff, 0xd8, 0xff]));
  const addressOf = async (portal: Portal) =>
    callList.parse(await read(portal, "/api/calls")).calls[0]?.snapshotUrl ?? "no address";
  await owner.portal.ask(`/api/people/${resident.userId}/shares`, { body: { deviceId: door } });
  const [own, shared] = [await addressOf(owner.portal), await addressOf(resident.portal)];
  const nobody = new Portal();
  expect([(await nobody.ask(own)).status, (await nobody.ask(shared)).status]).toEqual([200, 200]);

  const [share] = (await peopleOf(owner.portal)).people.find(({ userId }) => userId === resident.userId)?.shares ?? [];
  await owner.portal.ask(`/api/shares/${share?.shareId}`, { method: "DELETE" });
  expect(await refusal(await nobody.ask(shared))).toEqual([403, "not-allowed"]);
  expect((await nobody.ask(own)).status).toBe(200);

  await put(owner.portal, resident.userId, "administrator");
  const asAdministrator = await addressOf(resident.portal);
  expect((await nobody.ask(asAdministrator)).status).toBe(200);
  await put(owner.portal, resident.userId, "installer");
  expect((await doorsOf(resident.portal))[0]).not.toHaveProperty("last");
  expect((await nobody.ask(asAdministrator)).status).toBe(403);
});
