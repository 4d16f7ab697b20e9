/** The people of Lindenhof on the fixed day, who is invited, and what the audit keeps: what their pages are shown with. */
import { auditList, auditPeople, type PeopleList, peopleList, teamList } from "#core/messages/people.ts";
import * as day from "./day.ts";
import * as fleet from "./fleet.ts";

const at = (date: number, hours: number, minutes = 0, second = 0) =>
  new Date(2026, 10, date, hours, minutes, second).getTime();
const since = (year: number, month: number, date: number) => new Date(year, month - 1, date).getTime();
const id = (kind: string, n: number) => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const site = (n: number) => ({ siteId: fleet.sites[n]?.siteId, name: fleet.sites[n]?.name });
const door = (n: number) => ({ deviceId: day.doors[n]?.deviceId, name: day.doors[n]?.name });

const make = (name: string, role: string, from: number, part: object = {}) => {
  const [first = "", last = ""] = name.toLowerCase().split(" ");
  const email = `${first}.${last}@lindenhof.example`;
  return {
    userId: first,
    name,
    email,
    role,
    since: from,
    here: false,
    mayChange: role !== "owner",
    shares: [],
    ...part,
  };
};

export const people: PeopleList = peopleList.parse({
  people: [
    make("Mara Lenz", "owner", since(2025, 3, 4), { here: true }),
    make("Ruth Okafor", "owner", since(2025, 3, 4), { signedInAt: at(20, 8, 2) }),
    make("Tom Hoekstra", "installer", since(2025, 4, 11), {
      here: true,
      shares: [{ shareId: id("5", 1), ...site(2), endsAt: at(30, 18) }],
    }),
    make("Jonas Adler", "operator", since(2025, 6, 2), {
      here: true,
      shares: [0, 1].map((n) => ({ shareId: id("5", 2 + n), ...site(n) })),
    }),
    make("Priya Raman", "operator", since(2025, 9, 15), {
      here: true,
      shares: [0, 1, 2].map((n) => ({ shareId: id("5", 4 + n), ...site(n) })),
    }),
    make("Elin Sorby", "administrator", since(2026, 1, 8), { signedInAt: at(23, 16, 31) }),
    make("Ahmed Nazari", "resident", since(2026, 2, 20), {
      unrung: true,
      signedInAt: at(22, 19, 5),
      shares: [{ shareId: id("5", 7), ...door(6) }],
    }),
    make("Leonie Baumgartner", "resident", since(2026, 2, 20), {
      shares: [0, 3, 6, 7].map((n) => ({ shareId: id("5", 10 + n), ...door(n) })),
    }),
    make("Bruno Costa", "viewer", since(2026, 10, 1), {
      shares: [{ shareId: id("5", 8), ...door(4), endsAt: at(27, 14) }],
    }),
    make("Karla Vogt", "viewer", since(2026, 11, 20)),
  ],
  invitations: [
    { email: "nils.brandt@lindenhof.example", role: "operator", invitedBy: "Mara Lenz", createdAt: at(20, 9, 12) },
    { email: "hausmeister@hafenkai.example", role: "installer", invitedBy: "Elin Sorby", createdAt: at(17, 16, 40) },
  ].map((one, n) => ({ ...one, invitationId: id("b", n + 1), expiresAt: one.createdAt + 7 * 86_400_000 })),
  mayGive: ["owner", "administrator", "operator", "installer", "resident", "viewer"],
});

const by = (userId: string) => {
  const found = people.people.find((one) => one.userId === userId);
  return found && { userId: found.userId, name: found.name };
};
const change = (action: string, subject: string, part: object) => ({ type: "change", action, subject, ...part });
const opened = (n: number, state: string, part: object = {}) => ({
  type: "open-door",
  deviceId: door(n).deviceId,
  door: door(n).name,
  state,
  ...part,
});

const entries = [
  { at: at(24, 9, 41, 12), by: by("jonas"), what: opened(3, "open") },
  { at: at(24, 9, 41, 11), by: by("jonas"), what: opened(3, "sent") },
  {
    at: at(24, 9, 20, 3),
    by: by("mara"),
    what: change("change-role", "jonas", {
      before: { name: "Jonas Adler", role: "installer" },
      after: { name: "Jonas Adler", role: "operator" },
    }),
  },
  {
    at: at(24, 9, 12, 40),
    by: by("mara"),
    what: change("share-site", "jonas", { after: { name: "Jonas Adler", place: "Lindenhof 4" } }),
  },
  { at: at(24, 8, 57, 31), by: by("priya"), what: opened(5, "failed", { reason: "no-reply" }) },
  {
    at: at(24, 8, 20, 9),
    by: by("tom"),
    what: change("change-doorOpeners", fleet.gateDetail.deviceId, {
      about: "Courtyard gate",
      before: [{ output: 1, name: "Courtyard gate", pulse: 2_000, confirm: "hold" }],
      after: [
        { output: 1, name: "Courtyard gate", pulse: 3_000, confirm: "hold" },
        { output: 2, name: "Wicket door, beside the gate on the side of the street", pulse: 5_000, confirm: "ask" },
        { output: 5, name: "Gate of the bicycle cellar in the second courtyard", pulse: 4_000, confirm: "hold" },
      ],
    }),
  },
  {
    at: at(24, 2, 14, 0),
    what: change("move-rollout", id("7", 2), {
      before: { state: "running", step: 2 },
      after: { state: "stopped", step: 2, reason: "failures" },
    }),
  },
  {
    at: at(23, 17, 5, 44),
    by: by("elin"),
    what: change("remove-person", "dora", { before: { name: "Dora Klein", role: "resident" } }),
  },
  {
    at: at(23, 16, 48, 2),
    by: by("elin"),
    what: change("end-share", "dora", {
      before: { name: "Dora Klein", place: "Side door", endsAt: "2026-11-30T17:00:00+00:00" },
    }),
  },
  {
    at: at(23, 16, 40, 0),
    by: by("mara"),
    what: change("change-name", fleet.gateDetail.deviceId, {
      about: "Courtyard gate",
      before: "Gate north",
      after: "Courtyard gate",
    }),
  },
  {
    at: at(20, 9, 12, 0),
    by: by("mara"),
    what: change("invite-person", id("b", 1), {
      after: { email: "nils.brandt@lindenhof.example", role: "operator" },
    }),
  },
].map((entry, n) => ({ id: id("c", n + 1), ...entry }));

const [newest, oldest] = [entries.slice(0, 9), entries.slice(9)].map((some) => auditList.parse({ entries: some }));

export const team = {
  ...{ teamId: id("7", 9), name: "Goods in", members: ["ahmed", "priya"] },
  shares: [{ shareId: id("5", 20), ...door(4) }],
};

/** What the edge answers about them. */
export const api = {
  ...fleet.api,
  "/api/people": people,
  "/api/teams": teamList.parse({ teams: [team] }),
  "/api/audit/people": auditPeople.parse({ people: people.people.map(({ userId, name }) => ({ userId, name })) }),
  "/api/audit": (url: URL) => (url.searchParams.has("cursor") ? oldest! : { ...newest, next: "older" }),
};
