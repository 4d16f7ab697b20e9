/**
 * Whatever is done to who belongs to a house, in whatever order and by whomever: nobody keeps what they should not have,
 * and nobody loses what is theirs. Through the routes, beside a model that knows nothing of how they do it.
 */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { toClient } from "#core/messages/client.ts";
import { auditList, peopleList } from "#core/messages/people.ts";
import { doorList, type Role, role } from "#core/messages/portal-api.ts";
import { clientId, type DeviceId, deviceId, type OrganisationId } from "#core/messages/values.ts";
import { device } from "#db/schema/device.ts";
import { member, site } from "#db/schema/organisation.ts";
import { acceptMediaNode, doorStates } from "../calls/routes.ts";
import { MediaNode, until } from "../calls/testing/house.ts";
import { invitationTo, linksTo, newcomer, Portal, somebody } from "../testing/portal.ts";

/** Whom things are done by and to: the first is the one who founded the house. */
const everyone = [0, 1, 2, 3] as const;
type Who = (typeof everyone)[number];
/** A site with one door and a site with two. What is shared is a site, or a door of the second. */
const places = ["site 0", "site 1", "door 1", "door 2"] as const;
type Place = (typeof places)[number];
const doorsAt: Record<Place, number[]> = { "site 0": [0], "site 1": [1, 2], "door 1": [1], "door 2": [2] };

type Action =
  | { do: "invite"; by: Who; who: Who; role: Role }
  | { do: "accept"; who: Who; invitation: number }
  | { do: "change-role"; by: Who; who: Who; role: Role }
  | { do: "remove"; by: Who; who: Who }
  | { do: "leave"; who: Who }
  | { do: "share" | "end-share"; by: Who; who: Who; place: Place }
  | { do: "sign-in" | "sign-out"; who: Who };

const who = fc.constantFrom(...everyone);
/** Mostly by the founder, or little would ever happen. */
const by = fc.oneof({ weight: 3, arbitrary: fc.constant<Who>(0) }, { weight: 2, arbitrary: who });
const anyRole = fc.constantFrom(...role.options);
const place = fc.constantFrom(...places);
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant("invite" as const), by, who, role: anyRole }),
  fc.record({ do: fc.constant("accept" as const), who, invitation: fc.nat(2) }),
  fc.record({ do: fc.constant("accept" as const), who, invitation: fc.constant(0) }),
  fc.record({ do: fc.constant("change-role" as const), by, who, role: anyRole }),
  fc.record({ do: fc.constant("remove" as const), by, who }),
  fc.record({ do: fc.constant("leave" as const), who }),
  fc.record({ do: fc.constantFrom("share" as const, "end-share" as const), by, who, place }),
  fc.record({ do: fc.constantFrom("sign-in" as const, "sign-out" as const), who }),
);
/** Two come in first, so that there is somebody to do things to. */
const anyStory = fc
  .tuple(anyRole, anyRole, fc.array(anyAction, { minLength: 4, maxLength: 14 }))
  .map(([one, other, actions]): Action[] => [
    { do: "invite", by: 0, who: 1, role: one },
    { do: "accept", who: 1, invitation: 0 },
    { do: "invite", by: 0, who: 2, role: other },
    { do: "accept", who: 2, invitation: 0 },
    ...actions,
  ]);

/** What ought to be, written down as simply as can be. */
class Model {
  readonly roles = new Map<Who, Role>([[0, "owner"]]);
  readonly shares = new Map<Who, Set<Place>>();
  readonly invitations = new Map<Who, { role: Role; by: Who; number: number }>();
  readonly audit: string[] = [];
  #invited = 0;

  runs = (one: Who) => ["owner", "administrator"].includes(this.roles.get(one) ?? "");
  gives = (one: Who, given: Role) => this.runs(one) && (given !== "owner" || this.roles.get(one) === "owner");
  lastOwner = (one: Who) =>
    this.roles.get(one) === "owner" && [...this.roles.values()].filter((is) => is === "owner").length === 1;

  doorsOf(one: Who): number[] {
    if (["owner", "administrator", "installer"].includes(this.roles.get(one) ?? "")) return [0, 1, 2];
    return [...new Set([...(this.shares.get(one) ?? [])].flatMap((shared) => doorsAt[shared]))].toSorted();
  }

  /** @returns whether it ought to be done */
  take(action: Action): boolean {
    const done = this.#take(action);
    if (done && !["sign-in", "sign-out"].includes(action.do)) this.audit.unshift(action.do);
    return done;
  }

  #take(action: Action): boolean {
    const is = this.roles.get(action.who);
    switch (action.do) {
      case "invite":
        if (!this.gives(action.by, action.role) || is) return false;
        this.invitations.set(action.who, { role: action.role, by: action.by, number: this.#invited++ });
        return true;
      case "accept": {
        const held = this.invitations.get(action.who);
        if (held?.number !== action.invitation) return false;
        this.invitations.delete(action.who);
        this.roles.set(action.who, held.role);
        return true;
      }
      case "change-role":
        if (action.by === action.who || !is || !this.gives(action.by, is) || !this.gives(action.by, action.role))
          return false;
        if (is === action.role || (this.lastOwner(action.who) && action.role !== "owner")) return false;
        this.roles.set(action.who, action.role);
        this.#withdraw(action.who);
        return true;
      case "remove":
        if (action.by === action.who || !is || !this.gives(action.by, is) || this.lastOwner(action.who)) return false;
        this.#out(action.who);
        return true;
      case "leave":
        if (!is || this.lastOwner(action.who)) return false;
        this.#out(action.who);
        return true;
      case "share":
        if (!this.runs(action.by) || !is) return false;
        this.shares.set(action.who, new Set([...(this.shares.get(action.who) ?? []), action.place]));
        return true;
      case "end-share":
        return this.runs(action.by) && (this.shares.get(action.who)?.delete(action.place) ?? false);
      case "sign-in":
      case "sign-out":
        return true;
    }
  }

  #out(one: Who): void {
    this.roles.delete(one);
    this.shares.delete(one);
    this.#withdraw(one);
  }

  /** Invitations that their sender could not send any more. */
  #withdraw(one: Who): void {
    for (const [guest, held] of this.invitations)
      if (held.by === one && !this.gives(one, held.role)) this.invitations.delete(guest);
  }
}

interface Socket {
  by: Portal;
  closed: boolean;
  gone: Promise<unknown>;
  doors: DeviceId[];
}

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
}

async function openSocket(portal: Portal): Promise<Socket> {
  const { socket, closed } = await portal.live();
  const welcome = new Promise<DeviceId[]>((resolve) =>
    socket.addEventListener("message", ({ data }) => {
      const message = toClient.parse(JSON.parse(String(data)));
      if (message.type === "welcome") resolve(message.doors.map((one) => one.deviceId));
    }),
  );
  const hello = { type: "hello", protocol: 1, clientId: clientId.parse(crypto.randomUUID()), available: true };
  socket.send(JSON.stringify(hello));
  const opened: Socket = { by: portal, closed: false, gone: closed, doors: await welcome };
  closed.then(() => {
    opened.closed = true;
  });
  return opened;
}

/** Lets a media node say that these doors are there, and waits until the house knows. */
async function register(organisation: OrganisationId, doors: DeviceId[]): Promise<void> {
  const name = `node-${crypto.randomUUID()}`;
  const headers = { upgrade: "websocket", authorization: `Bearer ${env.MEDIA_NODE_TOKEN}` };
  const request = new Request(`https://edge/media-node/link?node=${name}`, { headers });
  const { webSocket } = await acceptMediaNode(env, request);
  if (!webSocket) throw new Error("no socket");
  const node = new MediaNode(name, webSocket);
  node.hello();
  await node.inbox.next("welcome");
  for (const door of doors) node.say({ type: "registered", deviceId: door, at: Date.now() });
  await until(async () => (await doorStates(env, organisation)).length === doors.length);
}

let guests: { portal: Portal; email: string; userId: string }[] = [];
beforeAll(async () => {
  guests = await Promise.all([newcomer(), newcomer(), newcomer()]);
});

it("nobody keeps what they should not have, and nobody loses what is theirs", { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(anyStory, async (story) => {
      const house = await makeHouse();
      try {
        for (const action of story) await house.play(action);
        await house.compareAudit();
      } finally {
        await house.close();
      }
    }),
    { numRuns: 4, endOnFailure: true },
  );
});

async function makeHouse() {
  const founder = await somebody();
  const { db, organisationId } = founder;
  const model = new Model();
  const sites = [crypto.randomUUID(), crypto.randomUUID()];
  const doors = [0, 1, 2].map(() => deviceId.parse(crypto.randomUUID()));
  await db.insert(site).values(sites.map((id, n) => ({ id, organisationId, name: `Site ${n}` })));
  await db
    .insert(device)
    .values(doors.map((id, n) => ({ id, organisationId, siteId: sites[n === 0 ? 0 : 1] ?? "", name: `Door ${n}` })));
  await register(organisationId, doors);

  const people = [founder, ...guests].map(
    ({ portal, email, userId }): Person => ({ email, userId, open: [portal], ended: [], mails: 0, tokens: new Map() }),
  );
  for (const person of people) person.mails = (await linksTo(person.email)).length;
  const at = (one: Who): Person => {
    const person = people[one];
    if (!person) throw new Error(`no person ${one}`);
    return person;
  };
  const portalOf = (one: Who) => at(one).open[0] ?? new Portal();
  const bodyOf = (shared: Place) => {
    const [kind, n] = shared.split(" ");
    return kind === "site" ? { siteId: sites[Number(n)] } : { deviceId: doors[Number(n)] };
  };

  /** The same by the routes. @returns whether it was done */
  async function attempt(action: Action): Promise<boolean> {
    const ask = (by: Who, path: string, asking: Parameters<Portal["ask"]>[1]) => portalOf(by).ask(path, asking);
    const who = at(action.who);
    switch (action.do) {
      case "invite": {
        const response = await ask(action.by, "/api/invitations", { body: { email: who.email, role: action.role } });
        if (response.status !== 204) return false;
        who.mails += 1;
        who.tokens.set(invited++, await invitationTo(who.email, who.mails));
        return true;
      }
      case "accept": {
        const token = who.tokens.get(action.invitation) ?? "a token that nobody was sent";
        return (await ask(action.who, "/api/invitation/accept", { body: { token } })).status === 204;
      }
      case "change-role": {
        const before = model.roles.get(action.who);
        const path = `/api/people/${who.userId}/role`;
        const { status } = await ask(action.by, path, { method: "PUT", body: { role: action.role } });
        return status === 204 && before !== action.role;
      }
      case "remove":
        return (await ask(action.by, `/api/people/${who.userId}`, { method: "DELETE" })).status === 204;
      case "leave":
        return (await ask(action.who, "/api/leave", { method: "POST" })).status === 204;
      case "share": {
        const { status } = await ask(action.by, `/api/people/${who.userId}/shares`, { body: bodyOf(action.place) });
        return status === 204;
      }
      case "end-share": {
        const shareId = shareIds.get(`${action.who} ${action.place}`) ?? crypto.randomUUID();
        return (await ask(action.by, `/api/shares/${shareId}`, { method: "DELETE" })).status === 204;
      }
      case "sign-in": {
        const portal = new Portal();
        await portal.signIn(who.email);
        // In a house of their own, or in none: they choose again where to work.
        await portal.ask(`/api/organisations/${organisationId}/enter`, { method: "POST" });
        who.open.unshift(portal);
        return true;
      }
      case "sign-out": {
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
  const shareIds = new Map<string, string>();

  /** Everything that everybody can see, with every session they ever had. */
  async function compare(story: string): Promise<void> {
    for (const one of everyone) {
      const person = at(one);
      const role = model.roles.get(one);
      const expected = model.doorsOf(one).map((n) => doors[n]);
      for (const portal of person.ended) expect((await portal.ask("/api/doors")).status, story).toBe(401);
      for (const portal of person.open) {
        const response = await portal.ask("/api/doors");
        expect(response.status, `${story}: doors of ${one}`).toBe(role ? 200 : 403);
        if (role) {
          const seen = doorList.parse(await response.json()).doors.map((door) => door.deviceId);
          expect(new Set(seen), `${story}: doors of ${one}, ${role}`).toEqual(new Set(expected));
        }
        const people = await portal.ask("/api/people");
        expect(people.status, `${story}: people for ${one}`).toBe(model.runs(one) ? 200 : 403);
      }
    }
  }

  async function compareSockets(action: Action, done: boolean): Promise<void> {
    const changes = ["change-role", "remove", "leave", "share", "end-share"];
    for (const one of everyone) {
      const person = at(one);
      const { socket } = person;
      const closes = done && one === action.who && changes.includes(action.do);
      if (socket && (closes || person.ended.includes(socket.by))) {
        await socket.gone;
        delete person.socket;
      }
      expect(person.socket?.closed ?? false, `${JSON.stringify(action)} leaves others' sockets open`).toBe(false);
      if (!model.roles.has(one) || person.socket) continue;
      person.socket = await openSocket(portalOf(one));
      const expected = model.doorsOf(one).map((n) => doors[n]);
      expect(new Set(person.socket.doors), `what ${one} sees live`).toEqual(new Set(expected));
    }
  }

  async function noteShares(): Promise<void> {
    const owner = everyone.find((one) => model.roles.get(one) === "owner") ?? 0;
    const { people: listed } = peopleList.parse(await (await portalOf(owner).ask("/api/people")).json());
    shareIds.clear();
    for (const { userId, shares } of listed) {
      const one = people.findIndex((person) => person.userId === userId);
      for (const { shareId, siteId, deviceId: id } of shares) {
        if (siteId) shareIds.set(`${one} site ${sites.indexOf(siteId)}`, shareId);
        if (id) shareIds.set(`${one} door ${doors.indexOf(id)}`, shareId);
      }
    }
  }

  return {
    async play(action: Action): Promise<void> {
      const done = await attempt(action);
      expect(done, JSON.stringify(action)).toBe(model.take(action));
      await compareSockets(action, done);
      await compare(JSON.stringify(action));
      if (done && action.do === "share") await noteShares();
    },
    async compareAudit(): Promise<void> {
      const owner = everyone.find((one) => model.roles.get(one) === "owner") ?? 0;
      const { entries } = auditList.parse(await (await portalOf(owner).ask("/api/audit")).json());
      const names: Record<string, string> = {
        "invite-person": "invite",
        join: "accept",
        "remove-person": "remove",
        "share-site": "share",
        "share-door": "share",
      };
      const told = entries.map(({ what }) =>
        what.type === "change" ? (names[what.action] ?? what.action) : what.type,
      );
      expect(told).toEqual(model.audit);
    },
    /** Everybody goes home, so that the next house finds them as this one did. */
    async close(): Promise<void> {
      await db.delete(member);
      guests = guests.map((guest, n) => ({ ...guest, portal: people[n + 1]?.open[0] ?? guest.portal }));
    },
  };
}
