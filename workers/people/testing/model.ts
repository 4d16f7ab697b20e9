/** What can be done to who gets to a house's doors, and what ought to come of it, written down as simply as can be. */
import fc from "fast-check";
import { type Role, role } from "#core/messages/portal-api.ts";

/** Whom things are done by and to: the first is the one who founded the house. */
export const everyone = [0, 1, 2, 3] as const;
export type Who = (typeof everyone)[number];
/** A site with one door and a site with two. What is shared is a site, or a door of the second. */
const places = ["site 0", "site 1", "door 1", "door 2"] as const;
export type Place = (typeof places)[number];
/** A door as it stands in the house. The last is a device that may go to the neighbours, or to nobody, and come back. */
export const doors = [0, 1, 2] as const;
export type Door = (typeof doors)[number];
const doorsAt: Record<Place, Door[]> = { "site 0": [0], "site 1": [1, 2], "door 1": [1], "door 2": [2] };

export type Action =
  | { do: "invite"; by: Who; who: Who; role: Role }
  | { do: "accept"; who: Who; invitation: number }
  | { do: "change-role"; by: Who; who: Who; role: Role }
  | { do: "remove"; by: Who; who: Who }
  | { do: "leave"; who: Who }
  | { do: "share" | "end-share"; by: Who; who: Who; place: Place }
  | { do: "join-team" | "leave-team"; by: Who; who: Who }
  | { do: "end-team"; by: Who }
  | { do: "share-with-team" | "end-team-share"; by: Who; place: Place }
  | { do: "offer-ownership"; by: Who; who: Who }
  | { do: "take-ownership"; who: Who }
  /** The last door goes to the neighbours, comes back from them, is released, is claimed, and is let in nowhere until it is allowed again. */
  | { do: "give" | "fetch" | "release" | "claim" | "revoke" | "allow"; by: Who }
  | { do: "sign-in" | "sign-out"; who: Who };

const who = fc.constantFrom(...everyone);
/** Mostly by the founder, or little would ever happen. */
const by = fc.oneof({ weight: 3, arbitrary: fc.constant<Who>(0) }, { weight: 2, arbitrary: who });
const anyRole = fc.constantFrom(...role.options);
const place = fc.constantFrom(...places);
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant("invite" as const), by, who, role: anyRole }),
  fc.record({ do: fc.constant("accept" as const), who, invitation: fc.nat(2) }),
  fc.record({ do: fc.constant("change-role" as const), by, who, role: anyRole }),
  fc.record({ do: fc.constant("remove" as const), by, who }),
  fc.record({ do: fc.constant("leave" as const), who }),
  fc.record({ do: fc.constantFrom("share" as const, "end-share" as const), by, who, place }),
  fc.record({ do: fc.constantFrom("join-team" as const, "leave-team" as const), by, who }),
  fc.record({ do: fc.constant("end-team" as const), by }),
  fc.record({ do: fc.constantFrom("share-with-team" as const, "end-team-share" as const), by, place }),
  fc.record({ do: fc.constant("offer-ownership" as const), by, who }),
  fc.record({ do: fc.constant("take-ownership" as const), who }),
  fc.record({ do: fc.constantFrom("give" as const, "fetch" as const, "release" as const, "claim" as const), by }),
  fc.record({ do: fc.constantFrom("revoke" as const, "allow" as const), by }),
  fc.record({ do: fc.constantFrom("sign-in" as const, "sign-out" as const), who }),
);
const some = fc.array(anyAction, { minLength: 3, maxLength: 7 });
const anyEnd = fc.constantFrom<Action>({ do: "revoke", by: 0 }, { do: "end-team", by: 0 }, { do: "leave", who: 2 });
/** Two come in first, one of them into the team, so that there is somebody to do things to; the last door leaves, revoked or not, and comes back. */
export const anyStory = fc
  .tuple(anyRole, anyRole, place, some, anyEnd, fc.boolean(), some)
  .map(([one, other, shared, before, ended, given, after]): Action[] => [
    { do: "invite", by: 0, who: 1, role: one },
    { do: "accept", who: 1, invitation: 0 },
    { do: "invite", by: 0, who: 2, role: other },
    { do: "accept", who: 2, invitation: 1 },
    { do: "join-team", by: 0, who: 2 },
    { do: "share-with-team", by: 0, place: shared },
    ...before,
    ended,
    { do: given ? "give" : "release", by: 0 },
    ...after,
    { do: given ? "fetch" : "claim", by: 0 },
  ]);

/** What an action came to: whether it was done, and who is looked at anew. */
export interface Outcome {
  done: boolean;
  concerned: readonly Who[];
}
const refused: Outcome = { done: false, concerned: [] };
const concerning = (...concerned: Who[]): Outcome => ({ done: true, concerned });

export class Model {
  readonly roles = new Map<Who, Role>([[0, "owner"]]);
  readonly shares = new Map<Who, Set<Place>>();
  readonly team = new Set<Who>();
  readonly teamShares = new Set<Place>();
  hasTeam = true;
  readonly invitations = new Map<Who, { role: Role; by: Who; number: number }>();
  /** By whom, to whom, the oldest first. */
  readonly offers = new Map<Who, Who>();
  readonly audit: string[] = [];
  /** Where the last door is, and whether it never left. */
  last: "here" | "neighbours" | "nobody" = "here";
  stayed = true;
  revoked = false;
  #invited = 0;

  copy(): Model {
    const copy = new Model();
    copy.roles.clear();
    for (const [one, is] of this.roles) copy.roles.set(one, is);
    for (const [one, shared] of this.shares) copy.shares.set(one, new Set(shared));
    for (const one of this.team) copy.team.add(one);
    for (const shared of this.teamShares) copy.teamShares.add(shared);
    for (const [guest, held] of this.invitations) copy.invitations.set(guest, held);
    for (const [maker, to] of this.offers) copy.offers.set(maker, to);
    Object.assign(copy, { last: this.last, stayed: this.stayed, revoked: this.revoked, hasTeam: this.hasTeam });
    return copy;
  }

  runs = (one: Who) => ["owner", "administrator"].includes(this.roles.get(one) ?? "");
  answers = (one: Who) => ["owner", "administrator", "operator", "resident"].includes(this.roles.get(one) ?? "");
  gives = (one: Who, given: Role) => this.runs(one) && (given !== "owner" || this.roles.get(one) === "owner");
  lastOwner = (one: Who) =>
    this.roles.get(one) === "owner" && [...this.roles.values()].filter((is) => is === "owner").length === 1;

  doorsOf(one: Who): Door[] {
    if (!this.roles.has(one)) return [];
    const everywhere = ["owner", "administrator", "installer"].includes(this.roles.get(one) ?? "");
    const shared = [...(this.shares.get(one) ?? []), ...(this.team.has(one) ? this.teamShares : [])];
    return doors.filter(
      (door) => (door !== 2 || this.last === "here") && (everywhere || shared.some((at) => doorsAt[at].includes(door))),
    );
  }

  /** The doors of whose first call somebody sees the picture: history stays where it was made. */
  picturesOf(one: Who): Door[] {
    if (this.runs(one)) return [...doors];
    if (this.roles.get(one) === "installer") return [];
    return this.doorsOf(one).filter((door) => door !== 2 || this.stayed);
  }

  take(action: Action): Outcome {
    const outcome = this.#take(action);
    if (outcome.done && !["sign-in", "sign-out"].includes(action.do)) this.audit.unshift(...lines(action));
    // Whoever plugs a device in gets to it.
    if (outcome.done && action.do === "claim" && this.roles.get(action.by) === "resident") this.audit.unshift("share");
    return outcome;
  }

  #take(action: Action): Outcome {
    switch (action.do) {
      case "invite":
        if (!this.gives(action.by, action.role) || this.roles.has(action.who)) return refused;
        this.invitations.set(action.who, { role: action.role, by: action.by, number: this.#invited++ });
        return concerning();
      case "accept": {
        const held = this.invitations.get(action.who);
        if (held?.number !== action.invitation) return refused;
        this.invitations.delete(action.who);
        this.roles.set(action.who, held.role);
        return concerning();
      }
      case "change-role": {
        const is = this.roles.get(action.who);
        if (action.by === action.who || !is || !this.gives(action.by, is) || !this.gives(action.by, action.role))
          return refused;
        if (is === action.role || (this.lastOwner(action.who) && action.role !== "owner")) return refused;
        this.#becomes(action.who, action.role);
        return concerning(action.who);
      }
      case "remove": {
        const is = this.roles.get(action.who);
        if (action.by === action.who || !is || !this.gives(action.by, is) || this.lastOwner(action.who)) return refused;
        return this.#out(action.who);
      }
      case "leave":
        return !this.roles.has(action.who) || this.lastOwner(action.who) ? refused : this.#out(action.who);
      case "share":
        if (!this.runs(action.by) || !this.roles.has(action.who) || !this.#isHere(action.place)) return refused;
        this.shares.set(action.who, new Set([...(this.shares.get(action.who) ?? []), action.place]));
        return concerning(action.who);
      case "end-share":
        if (!this.runs(action.by) || !this.shares.get(action.who)?.delete(action.place)) return refused;
        return concerning(action.who);
      case "join-team":
        if (!this.#seesTeam(action.by) || !this.roles.has(action.who) || this.team.has(action.who)) return refused;
        this.team.add(action.who);
        return concerning(action.who);
      case "leave-team":
        return this.runs(action.by) && this.team.delete(action.who) ? concerning(action.who) : refused;
      case "share-with-team":
        if (!this.#seesTeam(action.by) || !this.#isHere(action.place)) return refused;
        this.teamShares.add(action.place);
        return concerning(...this.team);
      case "end-team-share":
        return this.runs(action.by) && this.teamShares.delete(action.place) ? concerning(...this.team) : refused;
      case "end-team": {
        if (!this.#seesTeam(action.by)) return refused;
        const left = [...this.team];
        this.hasTeam = false;
        this.team.clear();
        this.teamShares.clear();
        return concerning(...left);
      }
      case "offer-ownership": {
        const is = this.roles.get(action.who);
        if (this.roles.get(action.by) !== "owner" || !is || is === "owner") return refused;
        this.offers.delete(action.by);
        this.offers.set(action.by, action.who);
        return concerning();
      }
      case "take-ownership": {
        const [maker] = [...this.offers].find(([, to]) => to === action.who) ?? [];
        if (maker === undefined) return refused;
        this.#becomes(action.who, "owner");
        this.#becomes(maker, "administrator");
        return concerning(action.who, maker);
      }
      case "give":
      case "release":
        if (!this.runs(action.by) || this.last !== "here") return refused;
        this.last = action.do === "give" ? "neighbours" : "nobody";
        this.stayed = false;
        this.revoked = false;
        for (const shared of [this.teamShares, ...this.shares.values()]) shared.delete("door 2");
        return concerning();
      case "fetch":
        if (!this.runs(action.by) || this.last !== "neighbours") return refused;
        this.last = "here";
        return concerning();
      case "claim": {
        const claims = ["owner", "administrator", "installer", "resident"];
        const is = this.roles.get(action.by) ?? "";
        if (!claims.includes(is) || this.last !== "nobody") return refused;
        this.last = "here";
        if (is === "resident") this.shares.set(action.by, new Set([...(this.shares.get(action.by) ?? []), "door 2"]));
        return concerning();
      }
      case "revoke":
        if (!this.runs(action.by) || this.last !== "here") return refused;
        this.revoked = true;
        return concerning();
      case "allow":
        if (!this.runs(action.by) || this.last !== "here" || !this.revoked) return refused;
        this.revoked = false;
        return concerning();
      case "sign-in":
      case "sign-out":
        return concerning();
    }
  }

  #seesTeam = (one: Who) => this.hasTeam && this.runs(one);
  #isHere = (at: Place) => at !== "door 2" || this.last === "here";

  #becomes(one: Who, is: Role): void {
    this.roles.set(one, is);
    this.#withdraw(one);
    if (is !== "owner") this.offers.delete(one);
    for (const [maker, to] of this.offers) if (to === one && is === "owner") this.offers.delete(maker);
  }

  #out(one: Who): Outcome {
    this.roles.delete(one);
    this.shares.delete(one);
    this.team.delete(one);
    this.#withdraw(one);
    for (const [maker, to] of this.offers) if (to === one || maker === one) this.offers.delete(maker);
    return concerning(one);
  }

  /** Invitations that their sender could not send any more. */
  #withdraw(one: Who): void {
    for (const [guest, held] of this.invitations)
      if (held.by === one && !this.gives(one, held.role)) this.invitations.delete(guest);
  }
}

/** What the audit says of it, the newest first. */
function lines(action: Action): string[] {
  switch (action.do) {
    case "share-with-team":
      return ["share"];
    case "end-team-share":
      return ["end-share"];
    case "give":
      return ["give", "offer-device"];
    default:
      return [action.do];
  }
}
