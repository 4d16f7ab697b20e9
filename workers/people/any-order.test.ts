/**
 * Whatever is done to who gets to a house's doors, in whatever order and by whomever: nobody keeps what they should not have,
 * and nobody loses what is theirs. Through the routes, beside a model that knows nothing of how they do it; tried with every
 * session, socket, certificate, picture's address and room's token that was ever given out.
 */
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { auditList, peopleList, teamList, teamMade } from "#core/messages/people.ts";
import { callList, doorList } from "#core/messages/portal-api.ts";
import { ownershipOffers, takenDevice, transferOffered } from "#core/messages/transfers.ts";
import { commandId, type DeviceId } from "#core/messages/values.ts";
import { device } from "#db/schema/device.ts";
import { member, site } from "#db/schema/organisation.ts";
import { until } from "../calls/testing/house.ts";
import { newMaker, statusesOf } from "../testing/factory.ts";
import { invitationTo, linksTo, newcomer, Portal, somebody } from "../testing/portal.ts";
import { claimsOf, linkNode, newDevice, newDoorId, openSocket, picturedCall, type Socket } from "./testing/house.ts";
import {
  type Action,
  anyStory,
  type Door,
  everyone,
  Model,
  type Outcome,
  type Place,
  type Who,
} from "./testing/model.ts";

/** Somebody with every session they ever had; those that were signed out of are kept, to be tried. */
interface Person {
  email: string;
  userId: string;
  open: Portal[];
  ended: Portal[];
  mails: number;
  /** Of the invitations of this house, by their number. */
  tokens: Map<number, string>;
  socket?: Socket;
  /** Of pictures, by the door of the call: the one they were given last. */
  addresses: Map<Door, string>;
}

let guests: { portal: Portal; email: string; userId: string }[] = [];
let neighbours: Portal;
let maker: Awaited<ReturnType<typeof newMaker>>;
beforeAll(async () => {
  guests = await Promise.all([newcomer(), newcomer(), newcomer()]);
  neighbours = (await somebody()).portal;
  maker = await newMaker();
});

it("nobody keeps what they should not have, and nobody loses what is theirs", { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(anyStory, async (story) => {
      const house = await makeHouse();
      try {
        for (const action of story) await house.play(action);
        await house.compareAll();
      } finally {
        await house.close();
      }
    }),
    { numRuns: 3, endOnFailure: true },
  );
});

async function makeHouse() {
  const founder = await somebody();
  const { db, organisationId } = founder;
  const model = new Model();
  const sites = [crypto.randomUUID(), crypto.randomUUID()];
  const [site0 = "", site1 = ""] = sites;
  const movable = await newDevice(maker);
  await db.insert(site).values(sites.map((id, n) => ({ id, organisationId, name: `Site ${n}` })));
  const last = await movable.claim(founder.portal, site1);
  if (!last) throw new Error("the device was not claimed");
  await movable.enrol();
  const ids: Record<Door, DeviceId> = { 0: newDoorId(), 1: newDoorId(), 2: last };
  await db.insert(device).values([
    { id: ids[0], organisationId, siteId: site0, name: "Door 0" },
    { id: ids[1], organisationId, siteId: site1, name: "Door 1" },
  ]);
  const node = await linkNode(organisationId);
  for (const id of Object.values(ids)) await node.register(id);
  const calls = new Map<string, Door>();
  for (const door of [0, 1, 2] as const) calls.set(await picturedCall(db, ids[door]), door);
  const team = teamMade.parse(await (await founder.portal.ask("/api/teams", { body: { name: "Team" } })).json()).teamId;
  /** Under which the last door was here once. */
  const former: DeviceId[] = [];

  const people = [founder, ...guests].map(
    ({ portal, email, userId }): Person => ({
      email,
      userId,
      open: [portal],
      ended: [],
      mails: 0,
      tokens: new Map(),
      addresses: new Map(),
    }),
  );
  for (const person of people) person.mails = (await linksTo(person.email)).length;
  const at = (one: Who): Person => {
    const person = people[one];
    if (!person) throw new Error(`no person ${one}`);
    return person;
  };
  const portalOf = (one: Who) => at(one).open[0] ?? new Portal();
  const owner = () => portalOf(everyone.find((one) => model.roles.get(one) === "owner") ?? 0);
  const bodyOf = (shared: Place) => {
    const [kind, n] = shared.split(" ");
    return kind === "site" ? { siteId: sites[Number(n)] } : { deviceId: ids[n === "1" ? 1 : 2] };
  };

  /** The same by the routes. @returns whether it was done */
  async function attempt(action: Action): Promise<boolean> {
    const ask = async (by: Who, path: string, asking: Parameters<Portal["ask"]>[1]) =>
      (await portalOf(by).ask(path, asking)).status === 204;
    switch (action.do) {
      case "invite": {
        const who = at(action.who);
        if (!(await ask(action.by, "/api/invitations", { body: { email: who.email, role: action.role } })))
          return false;
        who.mails += 1;
        who.tokens.set(invited++, await invitationTo(who.email, who.mails));
        return true;
      }
      case "accept": {
        const token = at(action.who).tokens.get(action.invitation) ?? "a token that nobody was sent";
        return ask(action.who, "/api/invitation/accept", { body: { token } });
      }
      case "change-role": {
        const before = model.roles.get(action.who);
        const path = `/api/people/${at(action.who).userId}/role`;
        return (await ask(action.by, path, { method: "PUT", body: { role: action.role } })) && before !== action.role;
      }
      case "remove":
        return ask(action.by, `/api/people/${at(action.who).userId}`, { method: "DELETE" });
      case "leave":
        return ask(action.who, "/api/leave", { method: "POST" });
      case "share":
        return ask(action.by, `/api/people/${at(action.who).userId}/shares`, { body: bodyOf(action.place) });
      case "share-with-team":
        return ask(action.by, `/api/teams/${team}/shares`, { body: bodyOf(action.place) });
      case "end-share":
      case "end-team-share": {
        const whose = action.do === "end-share" ? `${action.who}` : "team";
        const shareId = (await sharesNow()).get(`${whose} ${action.place}`) ?? crypto.randomUUID();
        return ask(action.by, `/api/shares/${shareId}`, { method: "DELETE" });
      }
      case "join-team":
      case "leave-team": {
        const before = model.team.has(action.who);
        const method = action.do === "join-team" ? "PUT" : "DELETE";
        const done = await ask(action.by, `/api/teams/${team}/members/${at(action.who).userId}`, { method });
        return done && before === (action.do === "leave-team");
      }
      case "end-team":
        return ask(action.by, `/api/teams/${team}`, { method: "DELETE" });
      case "offer-ownership":
        return ask(action.by, "/api/ownership", { body: { userId: at(action.who).userId } });
      case "take-ownership": {
        const answer = await portalOf(action.who).ask("/api/ownership");
        const { offers } = answer.status === 200 ? ownershipOffers.parse(await answer.json()) : { offers: [] };
        const offer = offers.find(({ to }) => to.userId === at(action.who).userId);
        const offerId = offer?.offerId ?? crypto.randomUUID();
        return ask(action.who, `/api/ownership/${offerId}/take`, { method: "POST" });
      }
      case "give": {
        const code = await offered(portalOf(action.by), ids[2]);
        if (code === undefined) return false;
        const taken = await neighbours.ask("/api/transfer/take", { body: { code } });
        expect(taken.status).toBe(200);
        left();
        atNeighbours = takenDevice.parse(await taken.json()).deviceId;
        return true;
      }
      case "fetch": {
        const code = atNeighbours && (await offered(neighbours, atNeighbours));
        if (code === undefined) return false;
        const taken = await portalOf(action.by).ask("/api/transfer/take", { body: { code, siteId: site1 } });
        if (taken.status !== 200) return false;
        atNeighbours = undefined;
        await came(takenDevice.parse(await taken.json()).deviceId);
        return true;
      }
      case "release":
        if (!(await movable.release(portalOf(action.by), ids[2]))) return false;
        left();
        return true;
      case "claim": {
        if (model.last !== "nobody") return false;
        const id = await movable.claim(portalOf(action.by), site1);
        if (id) await came(id);
        return id !== undefined;
      }
      case "revoke":
        return ask(action.by, `/api/devices/${ids[2]}/revoke`, { method: "POST" });
      case "allow": {
        const done = await ask(action.by, `/api/devices/${ids[2]}/allow`, { method: "POST" });
        if (done) await movable.enrol();
        return done;
      }
      case "sign-in": {
        const portal = new Portal();
        await portal.signIn(at(action.who).email);
        // In a house of their own, or in none: they choose again where to work.
        await portal.ask(`/api/organisations/${organisationId}/enter`, { method: "POST" });
        at(action.who).open.unshift(portal);
        return true;
      }
      case "sign-out": {
        const who = at(action.who);
        if (who.open.length < 2) return true;
        const [portal] = who.open.splice(0, 1);
        if (!portal) return true;
        const { cookie } = portal;
        await portal.ask("/api/auth/sign-out", { body: {} });
        portal.cookie = cookie;
        who.ended.push(portal);
        return true;
      }
    }
  }
  let invited = 0;
  let atNeighbours: DeviceId | undefined;

  async function offered(by: Portal, id: DeviceId): Promise<string | undefined> {
    const answer = await by.ask(`/api/devices/${id}/transfer`, { body: {} });
    return answer.status === 200 ? transferOffered.parse(await answer.json()).code : undefined;
  }

  function left(): void {
    former.push(ids[2]);
    node.unregister(ids[2]);
  }

  async function came(id: DeviceId): Promise<void> {
    ids[2] = id;
    await movable.enrol();
    await node.register(id);
  }

  /** Every share by whom it is with and of what. */
  async function sharesNow(): Promise<Map<string, string>> {
    const all = new Map<string, string>();
    const note = (
      whose: string,
      { shareId, siteId, deviceId }: { shareId: string; siteId?: string; deviceId?: string },
    ) =>
      all.set(`${whose} ${siteId ? `site ${sites.indexOf(siteId)}` : `door ${deviceId === ids[1] ? 1 : 2}`}`, shareId);
    const { people: listed } = peopleList.parse(await (await owner().ask("/api/people")).json());
    for (const { userId, shares } of listed)
      for (const share of shares) note(`${people.findIndex((person) => person.userId === userId)}`, share);
    const { teams } = teamList.parse(await (await owner().ask("/api/teams")).json());
    for (const share of teams.flatMap(({ shares }) => shares)) note("team", share);
    return all;
  }

  /** The doors that everybody sees, with every session they ever had. */
  async function compareDoors(story: string): Promise<void> {
    for (const one of everyone) {
      const { ended, open } = at(one);
      const role = model.roles.get(one);
      for (const portal of ended) expect((await portal.ask("/api/doors")).status, story).toBe(401);
      for (const portal of open) {
        const response = await portal.ask("/api/doors");
        expect(response.status, `${story}: doors of ${one}`).toBe(role ? 200 : 403);
        if (!role) continue;
        const seen = doorList.parse(await response.json()).doors.map((door) => door.deviceId);
        expect(new Set(seen), `${story}: doors of ${one}, ${role}`).toEqual(idsOf(model.doorsOf(one)));
      }
    }
  }

  /** What else somebody sees: the people, and pictures by the addresses they are given, and were. */
  async function comparePerson(story: string, one: Who): Promise<void> {
    const { addresses } = at(one);
    const list = await portalOf(one).ask("/api/people");
    expect(list.status, `${story}: people for ${one}`).toBe(model.runs(one) ? 200 : 403);
    const pictures = model.picturesOf(one);
    if (model.roles.has(one)) {
      const seen = callList.parse(await (await portalOf(one).ask("/api/calls")).json()).calls;
      const shown = new Map<Door, string>();
      for (const { callId, snapshotUrl } of seen) {
        const door = calls.get(callId);
        if (door !== undefined) shown.set(door, snapshotUrl ?? "no address");
      }
      expect(new Set(shown.keys()), `${story}: pictures for ${one}`).toEqual(new Set(pictures));
      for (const [door, address] of shown) addresses.set(door, address);
    }
    for (const [door, address] of addresses)
      expect((await new Portal().ask(address)).status, `${story}: ${one}'s address of a picture of door ${door}`).toBe(
        pictures.includes(door) ? 200 : 403,
      );
  }
  const seenBy = (one: Who) => `${model.roles.get(one)} ${model.picturesOf(one)}`;
  const idsOf = (some: readonly Door[]) => new Set(some.map((door) => ids[door]));

  async function compareSockets(story: string, { concerned }: Outcome, before: Map<Who, Set<DeviceId>>): Promise<void> {
    for (const one of everyone) {
      const person = at(one);
      const { socket } = person;
      if (socket && (concerned.includes(one) || person.ended.includes(socket.by))) {
        await until(() => socket.closed);
        delete person.socket;
      }
      expect(person.socket?.closed ?? false, `${story} leaves others' sockets open`).toBe(false);
      if (!model.roles.has(one)) continue;
      const now = idsOf(model.doorsOf(one));
      if (!person.socket) {
        person.socket = await openSocket(portalOf(one));
        expect(new Set(person.socket.doors), `${story}: what ${one} sees live`).toEqual(now);
      }
      for (const lost of before.get(one) ?? []) if (!now.has(lost)) await opensNothing(story, person.socket, lost);
    }
  }

  async function opensNothing(story: string, socket: Socket, door: DeviceId): Promise<void> {
    const id = commandId.parse(crypto.randomUUID());
    socket.say({ type: "open-door", commandId: id, deviceId: door });
    const told = await socket.heard("door-command", (command) => command.commandId === id);
    expect(told, `${story}: a door that was lost`).toMatchObject({ state: "refused", reason: "not-allowed" });
  }

  /** Lets it ring at whoever is about to lose a door. @returns what ends the call once they are out of it */
  async function ringFor(action: Action): Promise<(() => Promise<void>) | undefined> {
    const after = model.copy();
    after.take(action);
    for (const one of everyone) {
      const { socket } = at(one);
      if (!socket || !model.answers(one)) continue;
      const lost = model.doorsOf(one).find((door) => !after.doorsOf(one).includes(door));
      if (lost === undefined) continue;
      const call = node.press(ids[lost]);
      const { legId, media } = await socket.heard("ring", (ring) => ring.callId === call.callId);
      const { sub, video, nbf, exp } = claimsOf(media.token);
      expect({ leg: sub, room: video.room, life: exp - nbf }).toEqual({ leg: legId, room: call.callId, life: 60 });
      return async () => {
        await call.isOut(legId);
        call.leave();
      };
    }
    return undefined;
  }

  /** Only what the device was given last is good, and only while it is here and not revoked. */
  async function compareCertificates(story: string): Promise<void> {
    const expected = movable.certificates.map((_, n, all) =>
      model.last === "here" && !model.revoked && n === all.length - 1 ? "good" : "revoked",
    );
    expect(await statusesOf(movable.certificates), story).toEqual(expected);
    const known = await node.known();
    for (const id of former) expect(known, story).not.toContain(id);
  }

  return {
    async play(action: Action): Promise<void> {
      const story = JSON.stringify(action);
      const seen = new Map(everyone.map((one) => [one, seenBy(one)]));
      const before = new Map(everyone.map((one) => [one, idsOf(model.doorsOf(one))]));
      const rings = await ringFor(action);
      const done = await attempt(action);
      const outcome = model.take(action);
      expect(done, story).toBe(outcome.done);
      await rings?.();
      await compareSockets(story, outcome, before);
      await compareDoors(story);
      for (const one of everyone) if (seenBy(one) !== seen.get(one)) await comparePerson(story, one);
      if (["give", "fetch", "release", "claim", "revoke", "allow"].includes(action.do))
        await compareCertificates(story);
    },
    async compareAll(): Promise<void> {
      for (const one of everyone) await comparePerson("at the end", one);
      await compareCertificates("at the end");
      const names: Record<string, string> = {
        "invite-person": "invite",
        join: "accept",
        "remove-person": "remove",
        "share-site": "share",
        "share-door": "share",
        "give-device": "give",
        "receive-device": "fetch",
        "release-device": "release",
        "claim-device": "claim",
        "revoke-device": "revoke",
        "allow-device": "allow",
      };
      const told: string[] = [];
      for (let next: string | undefined = ""; next !== undefined; ) {
        const query: string = next ? `?cursor=${next}` : "";
        const found: ReturnType<typeof auditList.parse> = auditList.parse(
          await (await owner().ask(`/api/audit${query}`)).json(),
        );
        for (const { what } of found.entries) if (what.type === "change") told.push(names[what.action] ?? what.action);
        next = found.next;
      }
      // Before the story the founder founded the house, claimed the device and made the team.
      expect(told).toEqual([...model.audit, "make-team", "claim", "found-organisation"]);
    },
    /** Everybody goes home, so that the next house finds them as this one did. */
    async close(): Promise<void> {
      await db.delete(member);
      guests = guests.map((guest, n) => ({ ...guest, portal: people[n + 1]?.open[0] ?? guest.portal }));
    },
  };
}
