/** Two organisations on one platform: what happens at one's door is nothing to the other, whatever it tries. */
import { createHmac, randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { siteList } from "#core/messages/device-api.ts";
import { peopleList, teamList } from "#core/messages/people.ts";
import { callDetail, me } from "#core/messages/portal-api.ts";
import { ownershipOffers } from "#core/messages/transfers.ts";
import { commandId } from "#core/messages/values.ts";
import { demoPeople } from "../../db/seed/demo.ts";
import { openLink } from "../../media-nodes/sip-gateway/room/link.ts";
import { openProfile, packetsReceived, playedTones } from "../support/browser.ts";
import { asOwner } from "../support/database.ts";
import { type DemoHouse, startDemoHouse } from "../support/demo-house.ts";
import { signIn as signInPage, turnSoundOn } from "../support/desk.ts";
import { type Ids, routesWith } from "../support/every-route.ts";
import { type Listener, signIn, startListener } from "../support/listener.ts";
import { type Newcomer, signUpNora } from "../support/second-house.ts";

type Ring = Awaited<ReturnType<typeof mara.next<"ring">>>;

let house: DemoHouse;
let station: Awaited<ReturnType<DemoHouse["station"]>>;
/** Of Lindenhof. */
let mara: Listener;
let maraCookie: string;
let ring: Ring;
/** Of Holm & Co: a browser, and a client that says what no browser of ours would. */
let nora: Newcomer;
let desk: Page;
let rogue: Listener;
let rungSince = 0;

beforeAll(async () => {
  house = await startDemoHouse();
  const { origin, accounts } = house.platform;
  station = await house.station(0);
  maraCookie = await signIn(origin, accounts.mara.email, accounts.mara.password);
  mara = await startListener(origin, maraCookie);
  nora = await signUpNora(house.platform);
  desk = await (await openProfile(house.browser, origin)).newPage();
  await signInPage(desk, origin, nora);
  await turnSoundOn(desk);
  rogue = await startListener(origin, nora.cookie);
});

afterAll(async () => {
  mara?.close();
  rogue?.close();
  await house?.stop();
});

const ask = (path: string, cookie: string, init: RequestInit = {}) =>
  fetch(`${house.platform.origin}${path}`, {
    ...init,
    headers: { cookie, origin: house.platform.origin, "content-type": "application/json" },
  });

/** Resolves when everything that was said before over this socket has been looked at. */
async function heardOut(client: Listener): Promise<void> {
  const refused = client.next("call-refused");
  client.say({ type: "call", requestId: randomUUID(), deviceId: ring.deviceId, camera: false });
  await refused;
}

/** What Lindenhof has, as its owner sees it. */
const inventory = async () =>
  Promise.all(
    ["/api/me", "/api/calls", "/api/devices", "/api/sites", "/api/people", "/api/audit"].map(async (path) =>
      (await ask(path, maraCookie)).json(),
    ),
  );

/** One of everything that Lindenhof has, by the name that a route's path or a body gives its id. */
async function theirIds(): Promise<Ids> {
  const send = (path: string, body: object) =>
    ask(path, maraCookie, { method: "POST", body: JSON.stringify(body) }).then((answer) =>
      expect(answer.ok).toBe(true),
    );
  const [{ id: userId }] = [demoPeople[1]];
  const { callId, deviceId, legId } = ring;
  await send("/api/invitations", { email: "guest@lindenhof.example", role: "operator" });
  await send(`/api/people/${userId}/shares`, { deviceId });
  const { people, invitations } = peopleList.parse(await (await ask("/api/people", maraCookie)).json());
  await send("/api/teams", { name: "Night porters" });
  await send("/api/ownership", { userId });
  const { teams } = teamList.parse(await (await ask("/api/teams", maraCookie)).json());
  const { offers } = ownershipOffers.parse(await (await ask("/api/ownership", maraCookie)).json());
  const { sites } = siteList.parse(await (await ask("/api/sites", maraCookie)).json());
  const [claimId, logId, rolloutId] = [randomUUID(), randomUUID(), randomUUID()];
  await asOwner(
    house.platform,
    [
      `insert into claim (id, organisation_id, device_id, user_id, who, name, state, accepted_at, expires_at)
       values ($1, 'lindenhof', $2, 'mara-lenz', 'Mara Lenz', 'Gate', 'failed', now(), now())`,
      [claimId, deviceId],
    ],
    [
      "insert into device_log (id, organisation_id, device_id, received_at) values ($1, 'lindenhof', $2, now())",
      [logId, deviceId],
    ],
    [
      `insert into rollout (id, organisation_id, model, revision, release, critical, state, steps, step, step_since, approval, started_at, changed_at)
       values ($1, 'lindenhof', 'WS 301V CM', 'AC', 7, false, 'paused', '{100}', 0, now(), false, now(), now())`,
      [rolloutId],
    ],
  );
  for (const path of [`/api/claims/${claimId}`, `/api/rollouts/${rolloutId}`])
    expect((await ask(path, maraCookie)).status, path).toBe(200);
  expect(await (await ask(`/api/devices/${deviceId}/logs`, maraCookie)).text()).toContain(logId);
  return {
    callId,
    deviceId,
    claimId,
    logId,
    rolloutId,
    legId,
    userId,
    organisationId: "lindenhof",
    siteId: sites[0]?.siteId,
    teamId: teams[0]?.teamId,
    offerId: offers[0]?.offerId,
    shareId: people.flatMap(({ shares }) => shares)[0]?.shareId,
    invitationId: invitations[0]?.invitationId,
    anything: deviceId,
  };
}

test("a ring at the one's door is neither seen nor heard in the other's browser", async () => {
  const [ringing, pictured] = [mara.next("ring"), mara.next("snapshot")];
  rungSince = Date.now();
  station.type("press");
  ring = await ringing;
  mara.say({ type: "rang", callId: ring.callId, legId: ring.legId });
  await pictured;
  await heardOut(rogue);
  await nothingSeen();
});

async function nothingSeen(): Promise<void> {
  expect(await desk.getByRole("alertdialog").count()).toBe(0);
  expect(await desk.getByText(station.door.name).count()).toBe(0);
  expect(await playedTones(desk, rungSince)).toEqual([]);
  expect(await packetsReceived(desk)).toBe(0);
  // Nothing but what its own words were answered with.
  const unasked = rogue.heard.filter(({ type }) => !["welcome", "call-refused", "door-command", "pong"].includes(type));
  expect(unasked).toEqual([]);
}

test("every route of the API answers the other's ids with 404, and its lists hold nothing of theirs", async () => {
  const ids = await theirIds();
  expect(Object.entries(ids).filter(([, id]) => id === undefined)).toEqual([]);
  const before = await inventory();
  const theirs = [ring.callId, ring.deviceId, "Lindenhof", station.door.name, "mara-lenz", "Mara Lenz", "Jonas Adler"];
  // Its own virtual station is pressed below: one that rings already would be busy then.
  const routes = (await routesWith(house.platform.origin, ids)).filter(
    ({ path }) => path !== "/api/virtual-station/press",
  );
  expect(routes.filter(({ named }) => named).length).toBeGreaterThan(0);
  for (const { method, path, named, body } of routes) {
    const answer = await ask(path, nora.cookie, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    for (const word of theirs) expect(text, `${method} ${path}`).not.toContain(word);
    if (named) expect(answer.status, `${method} ${path} ${text}`).toBe(404);
  }
  // Their door can't be shared with somebody of one's own either.
  const { user } = me.parse(await (await ask("/api/me", nora.cookie)).json());
  const body = JSON.stringify({ deviceId: ring.deviceId });
  expect((await ask(`/api/people/${user.id}/shares`, nora.cookie, { method: "POST", body })).status).toBe(404);
  expect(await inventory()).toEqual(before);
});

test("no picture of theirs is to be had, with the other's session or without", async () => {
  const { snapshotUrl = "" } = mara.heard.findLast((message) => message.type === "snapshot") ?? {};
  const signed = new URL(snapshotUrl, house.platform.origin);
  expect((await fetch(signed)).status).toBe(200);
  for (const address of [signed.pathname, `/media-node${signed.pathname.replace("/api", "")}`])
    expect((await ask(address, nora.cookie)).status, address).toBeGreaterThanOrEqual(400);
});

test("over its socket the other can't answer, decline, end, call or open anything of theirs", async () => {
  const { callId, legId, deviceId } = ring;
  for (const type of ["rang", "decline"] as const) rogue.say({ type, callId, legId });
  rogue.say({ type: "answer", callId, legId, camera: false });
  rogue.say({ type: "hang-up", callId });
  rogue.say({ type: "media", callId, flowing: false });
  const command = commandId.parse(randomUUID());
  const opening = rogue.next("door-command");
  rogue.say({ type: "open-door", commandId: command, deviceId, callId });
  expect(await opening).toMatchObject({ commandId: command, state: "refused", reason: "not-allowed", by: "Nora Holm" });
  const calling = rogue.next("call-refused");
  rogue.say({ type: "call", requestId: randomUUID(), deviceId, camera: false });
  expect(await calling).toMatchObject({ reason: "unknown" });
  await heardOut(mara);
  expect(mara.heard.filter(({ type }) => type === "ring-end" || type === "door-command")).toEqual([]);
  expect(station.events.filter(({ event }) => event === "output-fired" || event === "ended")).toEqual([]);
});

test("no token of the other's opens the room of their call: not its own, and none that it could make", async () => {
  const { origin } = house.platform;
  await ask("/api/virtual-station", nora.cookie, { method: "POST" });
  const ringing = Promise.all([rogue.next("ring"), rogue.next("media-ready")]);
  expect((await ask("/api/virtual-station/press", nora.cookie, { method: "POST" })).ok).toBe(true);
  const [own] = await ringing;
  const join = (token: string) => openLink({ url: origin.replace("http", "ws"), token, timeout: 5_000 });

  const link = await join(own.media.token);
  expect(link.join.room?.name).toBe(own.callId);
  // The station, and perhaps Nora's browser, which rings as well.
  const inside = link.join.otherParticipants.map(({ identity }) => identity);
  const ofThisCall: string[] = [own.media.stationLegId, ...own.receivers.map(({ legId }) => legId)];
  expect(inside).toContain(own.media.stationLegId);
  expect(inside.filter((identity) => !ofThisCall.includes(identity))).toEqual([]);
  link.close();

  const [header = "", payload = "", signature = ""] = own.media.token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const other = part({ ...claims, sub: ring.legId, video: { ...claims.video, room: ring.callId } });
  const signedBy = (secret: string) =>
    `${header}.${other}.${createHmac("sha256", secret).update(`${header}.${other}`).digest("base64url")}`;
  for (const forged of [
    `${header}.${other}.${signature}`,
    `${part({ alg: "none", typ: "JWT" })}.${other}.`,
    signedBy(""),
    signedBy("secret"),
    signedBy(house.platform.secrets.LIVEKIT_API_KEY ?? ""),
  ])
    await expect(join(forged)).rejects.toThrow(/401/);
  // The same claims under the real secret do open it: it was the signature that was refused.
  (await join(signedBy(house.platform.secrets.LIVEKIT_API_SECRET ?? ""))).close();
  rogue.say({ type: "decline", callId: own.callId, legId: own.legId });
});

test("after all of it the call is answered by who it was for, and nobody else is in its record", async () => {
  const { callId, legId } = ring;
  const recorded = mara.next("call-recorded");
  mara.say({ type: "answer", callId, legId, camera: false });
  await station.told("answered");
  mara.say({ type: "hang-up", callId });
  await recorded;
  const call = callDetail.parse(await (await ask(`/api/calls/${callId}`, maraCookie)).json());
  expect(call).toMatchObject({ outcome: "answered", answeredBy: { name: "Mara Lenz" } });
  expect(JSON.stringify(call)).not.toContain("Nora");
  expect((await ask(`/api/calls/${callId}`, nora.cookie)).status).toBe(404);
  await heardOut(rogue);
  expect(rogue.heard.filter((message) => "callId" in message && message.callId === callId)).toEqual([]);
});
