/** A day at Lindenhof: nine doors, and the calls of two days. Times count back from a fixed morning. */
import type { DoorState, ToClient } from "#core/messages/client.ts";
import {
  type CallDetail,
  type CallSummary,
  callDetail,
  callSummary,
  type Door,
  door,
} from "#core/messages/portal-api.ts";
import { scene } from "./scenes.ts";

/** Tuesday 24 November 2026, 09:42:04. */
export const now = new Date(2026, 10, 24, 9, 42, 4).getTime();
const at = (hours: number, minutes: number, seconds = 0, day = 24) =>
  new Date(2026, 10, day, hours, minutes, seconds).getTime();
const id = (kind: string, n: number) => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

export const pictures: Record<string, string> = {
  main: scene("street", "courier"),
  east: scene("lobby"),
  staff: scene("lobby", "nurse"),
  gate: scene("gate"),
  yard: scene("yard", "fitter"),
  side: scene("street", "visitor"),
  stair: scene("stair", "neighbour"),
  garage: scene("garage"),
  clinic: scene("street", "visitor", true),
  night: scene("lobby", "nurse", true),
};
const picture = (name: string) => `/api/snapshots/${name}?expires=1&signature=x`;

const mara = { userId: "mara", name: "Mara Lenz" };
const jonas = { userId: "jonas", name: "Jonas Adler" };
const priya = { userId: "priya", name: "Priya Raman" };

interface Made {
  name: string;
  site: string;
  picture: string;
  when: number;
  outcome?: "answered" | "missed" | "placed" | "broken";
  by?: string;
  part?: object;
}
const makeDoor = (made: Made, index: number): Door =>
  door.parse({
    deviceId: id("d", index),
    name: made.name,
    site: made.site,
    virtual: false,
    mayAnswer: true,
    openers: [street],
    online: true,
    since: at(6, 0),
    last: {
      callId: id("a", index + 1),
      at: made.when,
      outcome: made.outcome ?? "answered",
      answeredBy: made.by,
      snapshotUrl: picture(made.picture),
    },
    ...made.part,
  });

const street = { output: 1, name: "Street door", pulse: 6_000, confirm: "hold" } as const;
/** Two ways in. */
const gates = { openers: [street, { output: 2, name: "Wicket beside the gate", pulse: 5_000, confirm: "ask" }] };

export const doors: Door[] = [
  { name: "Main entrance", site: "Lindenhof 4", picture: "main", when: at(9, 41, 58), by: "Mara Lenz", part: gates },
  { name: "Reception east", site: "Lindenhof 6", picture: "east", when: at(9, 41, 52), by: "Priya Raman" },
  { name: "Staff entrance", site: "Hafenkai 12", picture: "staff", when: at(9, 40, 52), by: "Jonas Adler" },
  { name: "Courtyard gate", site: "Lindenhof 4", picture: "gate", when: at(9, 38, 10), by: "Jonas Adler", part: gates },
  { name: "Goods yard", site: "Hafenkai 12", picture: "yard", when: at(9, 22, 47), by: "Mara Lenz" },
  { name: "Side door", site: "Hafenkai 12", picture: "side", when: at(8, 57, 31), outcome: "missed" as const },
  {
    name: "Stair B, 3rd floor",
    site: "Lindenhof 6",
    picture: "stair",
    when: at(8, 12, 4),
    outcome: "missed" as const,
    part: { openers: [] },
  },
  { name: "Car park P1, entry", site: "Lindenhof 4", picture: "garage", when: at(9, 31), part: { openers: [] } },
  {
    name: "Roof plant room",
    site: "Hafenkai 12",
    picture: "night",
    when: at(7, 13, 58),
    by: "Elin Sorby",
    part: { online: false, since: at(7, 14) },
  },
].map(makeDoor);

const doorAt = (index: number) => doors[index] ?? doors[0]!;
const state = (index: number, part: Partial<DoorState> = {}): DoorState => ({
  deviceId: doorAt(index).deviceId,
  online: doorAt(index).online,
  since: doorAt(index).since,
  contact: "closed",
  ...part,
});

/** Live: the staff entrance talks with Jonas, the roof is away. */
export const states = (): DoorState[] => [
  state(0),
  state(1),
  state(2, { call: { callId: call(20).callId, phase: "talking", with: "Jonas Adler", since: now - 72_000 } }),
  ...[3, 4, 5, 6, 7, 8].map((index) => state(index)),
];

interface MadeCall {
  n: number;
  door: number;
  start: number;
  rang: number;
  talked?: number;
  outcome?: CallSummary["outcome"];
  reason?: CallSummary["reason"];
  by?: { userId: string; name: string };
  opened?: string;
  picture?: string;
  receivers?: number;
}
function makeCall(made: MadeCall): CallSummary {
  const { deviceId, name, site } = doorAt(made.door);
  const answeredAt = made.talked === undefined ? undefined : made.start + made.rang * 1_000;
  const placed = made.outcome === "placed";
  return callSummary.parse({
    callId: id("a", made.n),
    deviceId,
    door: name,
    site,
    direction: placed ? "to-station" : "from-station",
    outcome: made.outcome ?? "answered",
    reason: made.reason ?? "hung-up-by-person",
    startedAt: made.start,
    answeredAt,
    endedAt: made.start + (made.rang + (made.talked ?? 0)) * 1_000,
    answeredBy: placed ? undefined : made.by,
    placedBy: placed ? made.by : undefined,
    openedBy: made.opened,
    receivers: made.receivers ?? 4,
    snapshotUrl: made.picture && picture(made.picture),
  });
}
const call = (n: number): CallSummary => calls.find((one) => one.callId === id("a", n)) ?? calls[0]!;

export const calls: CallSummary[] = [
  { n: 1, door: 0, start: at(9, 41, 58), rang: 6, talked: 38, by: mara, opened: "Mara Lenz", picture: "main" },
  { n: 20, door: 2, start: at(9, 40, 40), rang: 12, talked: 60, by: jonas, picture: "staff" },
  { n: 4, door: 3, start: at(9, 38, 4), rang: 6, talked: 20, by: jonas, opened: "Jonas Adler", picture: "gate" },
  { n: 5, door: 4, start: at(9, 22, 38), rang: 9, talked: 112, by: mara, opened: "Mara Lenz", picture: "yard" },
  {
    n: 6,
    door: 5,
    start: at(8, 57, 1),
    rang: 30,
    outcome: "missed" as const,
    reason: "no-answer" as const,
    picture: "side",
    receivers: 3,
  },
  { n: 21, door: 1, start: at(8, 44, 12), rang: 4, talked: 51, by: priya, picture: "east" },
  {
    n: 7,
    door: 6,
    start: at(8, 12, 4),
    rang: 4,
    outcome: "missed" as const,
    reason: "caller-left" as const,
    picture: "stair",
  },
  {
    n: 22,
    door: 0,
    start: at(22, 51, 7, 23),
    rang: 8,
    talked: 36,
    by: jonas,
    opened: "Jonas Adler",
    picture: "clinic",
  },
  {
    n: 23,
    door: 7,
    start: at(21, 36, 0, 23),
    rang: 3,
    talked: 14,
    outcome: "broken" as const,
    reason: "media-node-lost" as const,
    by: priya,
    picture: "garage",
  },
  {
    n: 24,
    door: 2,
    start: at(19, 5, 0, 23),
    rang: 3,
    talked: 24,
    outcome: "placed" as const,
    by: mara,
    picture: "night",
  },
].map(makeCall);

const leg = (n: number, who: { userId: string; name: string }, fate: string, rangAt?: number) => ({
  legId: id("e", n),
  ...who,
  via: "browser",
  fate,
  toldAt: at(9, 41, 58) + 80,
  rangAt,
});
const press = at(9, 41, 58);
const door1 = (after: number, what: string) => ({
  at: press + after,
  what: { type: "door", commandId: id("c", 1), by: mara.name, userId: mara.userId, state: what },
});

/** The call at the main entrance with everything that can be in a time line. */
export const mainCall: CallDetail = callDetail.parse({
  ...calls[0],
  button: "Reception",
  snapshotAt: press + 400,
  keptUntil: at(9, 41, 58) + 30 * 86_400_000,
  legs: [
    leg(1, mara, "answered", press + 200),
    leg(2, priya, "declined", press + 210),
    leg(3, { userId: "desk", name: "Porter’s desk" }, "rang", press + 220),
    leg(4, { userId: "tom", name: "Tom Hoekstra" }, "offline"),
  ],
  events: [
    { at: press, what: { type: "pressed", button: "Reception" } },
    { at: press + 200, what: { type: "rang", legId: id("e", 1), name: mara.name } },
    { at: press + 210, what: { type: "rang", legId: id("e", 2), name: priya.name } },
    { at: press + 220, what: { type: "rang", legId: id("e", 3), name: "Porter’s desk" } },
    { at: press + 4_100, what: { type: "declined", legId: id("e", 2), name: priya.name } },
    { at: press + 6_300, what: { type: "answered", legId: id("e", 1), name: mara.name } },
    door1(31_000, "sent"),
    door1(31_300, "confirmed"),
    door1(31_400, "open"),
    door1(37_400, "closed"),
    { at: press + 44_300, what: { type: "ended", reason: "hung-up-by-person", by: mara.name } },
  ],
});

export const me = {
  user: { id: mara.userId, name: mara.name, email: "mara.lenz@lindenhof.example" },
  organisation: { id: "lindenhof", name: "Lindenhof" },
  role: "owner",
};

/** `/api/calls` as the edge answers it. */
export function callsAt(url: URL): object {
  const outcome = url.searchParams.get("outcome");
  const search = url.searchParams.get("search")?.toLowerCase();
  const [site, person] = [url.searchParams.get("site"), url.searchParams.get("answeredBy")];
  const days = Number(url.searchParams.get("days") ?? 366);
  const found = calls
    .filter((one) => !site || one.site === site)
    .filter((one) => !person || one.answeredBy?.userId === person)
    .filter((one) => one.startedAt > now - days * 86_400_000)
    .filter((one) => !outcome || one.outcome === outcome)
    .filter((one) => !url.searchParams.has("opened") || one.openedBy)
    .filter((one) => !search || `${one.door} ${one.answeredBy?.name}`.toLowerCase().includes(search));
  const people = [...new Map(calls.flatMap(({ answeredBy: by }) => (by ? [[by.userId, by]] : []))).values()];
  return { calls: found, total: found.length === calls.length ? 184 : found.length, missed: 2, people };
}

export const welcome = (doorStates: DoorState[] = states()): ToClient => ({
  type: "welcome",
  protocol: 1,
  now,
  doors: doorStates,
});

export const api = {
  "/api/me": me,
  "/api/doors": { doors },
  "/api/ownership": { offers: [] },
  "/api/calls": callsAt,
  [`/api/calls/${mainCall.callId}`]: mainCall,
};
