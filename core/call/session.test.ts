import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callId, clientId, commandId, deviceId, legId, organisationId, userId } from "../messages/values.ts";
import { deadlines, nextDeadline } from "./deadlines.ts";
import { clientGrace, pictureTime, ringTime, talkLimit, warningTime, witnessTime } from "./limits.ts";
import { step } from "./session.ts";
import { type CallState, type Effect, isRinging, type SessionEvent } from "./state.ts";
import { toRecord } from "./to-record.ts";

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const call = callId.parse(uuid(1));
const device = deviceId.parse(uuid(2));
const station = legId.parse(uuid(3));
const people = ["mara", "jonas", "ines"].map((name, n) => ({
  legId: legId.parse(uuid(10 + n)),
  clientId: clientId.parse(uuid(20 + n)),
  userId: userId.parse(name),
  name,
  role: "operator" as const,
}));
const [mara, jonas] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];
const from = ({ legId, clientId, userId }: (typeof people)[0]) => ({ legId, clientId, userId });

const pressed: SessionEvent = {
  type: "pressed",
  callId: call,
  stationLegId: station,
  deviceId: device,
  nodeId: "node",
  button: "reception",
};
const placed: SessionEvent = {
  type: "placed",
  callId: call,
  stationLegId: station,
  deviceId: device,
  nodeId: "node",
  requestId: uuid(9),
  askedBy: organisationId.parse("org"),
  caller: mara,
};
const planned: SessionEvent = {
  type: "planned",
  door: {
    organisationId: organisationId.parse("org"),
    name: "Main entrance",
    site: "Lindenhof 4",
    button: "Reception",
  },
  legs: people.map((person) => ({ ...person, fate: "told" as const })),
};

/** Plays events, a moment apart, and keeps what each client shows and every effect. */
function play(events: (SessionEvent | number)[], start: CallState | undefined = undefined) {
  let state = start;
  let now = state?.now ?? 1_000;
  const effects: Effect[] = [];
  for (const event of events) {
    if (typeof event === "number") now += event;
    const result = step(state, typeof event === "number" ? { type: "time" } : event, now);
    state = result.state;
    effects.push(...result.effects);
  }
  return { state, effects, types: effects.map((effect) => effect.type) };
}

/** Which legs make a noise after these effects, as their clients see it. */
function noisy(effects: Effect[]): Set<string> {
  const rings = new Set<string>();
  for (const effect of effects) {
    if (effect.type === "ring") for (const leg of effect.legs) rings.add(leg);
    if (effect.type === "ring-end") for (const leg of effect.legs) rings.delete(leg);
    if (effect.type === "talking") rings.delete(effect.leg);
  }
  return rings;
}

const gatewayMessages = (effects: Effect[]) =>
  effects.flatMap((effect) => (effect.type === "gateway" ? [effect.message] : []));

describe("a press", () => {
  it("rings every planned client and tells the gateway", () => {
    const { state, effects } = play([pressed, planned]);
    expect(state?.phase).toBe("ringing");
    expect(noisy(effects).size).toBe(3);
    expect(effects.map((effect) => effect.type)).toContain("gateway-ringing");
  });
  it("is answered by the first; the others fall silent and are told who answered", () => {
    const { state, effects } = play([
      pressed,
      planned,
      { type: "answer", ...from(jonas) },
      { type: "answer", ...from(mara) },
    ]);
    expect(state?.phase).toBe("talking");
    expect(state?.person).toBe(jonas.legId);
    expect(noisy(effects)).toEqual(new Set());
    expect(effects).toContainEqual({
      type: "ring-end",
      legs: [mara.legId, people[2]?.legId],
      reason: "answered-elsewhere",
      by: "jonas",
    });
    expect(effects).toContainEqual({ type: "answer-refused", leg: mara.legId });
  });
  it("rings on in the others when one declines, and ends when all did", () => {
    const one = play([pressed, planned, { type: "decline", ...from(mara) }]);
    expect(one.state?.phase).toBe("ringing");
    expect(noisy(one.effects).size).toBe(2);
    const all = play([pressed, planned, ...people.map((p) => ({ type: "decline" as const, ...from(p) }))]);
    expect(all.state?.ending?.reason).toBe("declined");
  });
  it("goes on in the others when one may not take part any more, who is out of the room and can't answer", () => {
    const { state, effects } = play([
      pressed,
      planned,
      { type: "access-ended", userId: mara.userId },
      { type: "answer", ...from(mara) },
    ]);
    expect(state?.phase).toBe("ringing");
    expect(noisy(effects)).toEqual(new Set([jonas.legId, people[2]?.legId]));
    expect(gatewayMessages(effects)).toContainEqual({ type: "dismiss", callId: call, listeners: [mara.legId] });
    expect(effects).toContainEqual({ type: "answer-refused", leg: mara.legId });
    const nobody = play(
      people.map(({ userId }) => ({ type: "access-ended", userId })),
      state,
    );
    expect(nobody.state?.ending?.reason).toBe("nobody-available");
  });
  it("is missed when nobody answers in time", () => {
    const { state } = play([pressed, planned, { type: "rang", ...from(mara) }, ringTime]);
    const record = state && toRecord(state);
    expect(record).toMatchObject({ outcome: "missed", reason: "no-answer" });
    expect(record?.legs.map((leg) => leg.fate)).toEqual(["rang", "told", "told"]);
  });
  const nobody = { ...planned, legs: people.map((p) => ({ ...p, clientId: undefined, fate: "offline" as const })) };
  it("is held for the caller's picture when nobody is there, and then ended and recorded", () => {
    const { state, effects } = play([pressed, nobody, { type: "snapshot-taken" }]);
    expect(gatewayMessages(effects)).toMatchObject([{ type: "end", reason: "nobody-available" }]);
    expect(state && toRecord(state)?.outcome).toBe("missed");
  });
  it("is held for no longer than a picture may take", () => {
    const { state } = play([pressed, nobody, pictureTime]);
    expect(state?.ending?.reason).toBe("nobody-available");
  });
  it("rings nobody when the visitor left before the plan was made, and is still recorded", () => {
    const { state, effects } = play([pressed, { type: "caller-left" }, planned]);
    expect(noisy(effects)).toEqual(new Set());
    expect(effects.filter((effect) => effect.type === "ring")).toEqual([]);
    expect(state && toRecord(state)).toMatchObject({ outcome: "missed", reason: "caller-left" });
  });
  it("takes no answer for somebody else's leg", () => {
    const { state } = play([pressed, planned, { type: "answer", ...from(mara), userId: jonas.userId }]);
    expect(state?.phase).toBe("ringing");
  });
  it("of an unknown device is refused with 404 and leaves no record", () => {
    const { state, effects } = play([pressed, { type: "plan-failed", why: "unknown" }]);
    expect(gatewayMessages(effects)).toMatchObject([{ type: "refuse", sipStatus: 404 }]);
    expect(state && toRecord(state)).toBeUndefined();
  });
  it("is not waited for by a client that fell silent, but rings it again when it comes back", () => {
    const silent = (person: (typeof people)[0]): SessionEvent => ({ type: "client-silent", ...from(person) });
    const one = play([pressed, planned, silent(mara)]);
    expect(one.state?.phase).toBe("ringing");
    expect(one.state?.legs.filter(isRinging).map(({ name }) => name)).toEqual(["jonas", "ines"]);
    const back = play([{ type: "client-returned", ...from(mara) }], one.state);
    expect(back.effects).toEqual([{ type: "ring", legs: [mara.legId] }]);
    const all = play(people.map(silent), back.state);
    expect(all.state?.ending?.reason).toBe("nobody-available");
    expect(gatewayMessages(all.effects)).toMatchObject([{ type: "end", reason: "nobody-available" }]);
  });
  it("is refused when the database stays silent", () => {
    expect(gatewayMessages(play([pressed, 5_000]).effects)).toMatchObject([{ type: "refuse", sipStatus: 503 }]);
  });
  it("that crossed with an answer is missed if the station had left", () => {
    const { state } = play([pressed, planned, { type: "answer", ...from(mara) }, { type: "caller-left" }]);
    expect(state && toRecord(state)).toMatchObject({ outcome: "missed", reason: "caller-left" });
    expect(state && toRecord(state)?.answeredBy).toBeUndefined();
  });
});

describe("a talk", () => {
  const talk = () => play([pressed, planned, { type: "answer", ...from(mara) }, { type: "answered" }]).state;
  it("is warned once at 9:30 and ends at 10:00", () => {
    const warned = play([talkLimit - warningTime, { type: "time" }], talk());
    expect(warned.types).toEqual(["gateway", "call-warning"]);
    const over = play([warningTime], warned.state);
    expect(over.state?.ending?.reason).toBe("time-limit");
    expect(gatewayMessages(over.effects)).toMatchObject([{ type: "end", reason: "time-limit" }]);
  });
  it("ends sooner where the platform says so, is warned 30 s before, and never lasts longer than the data sheet says", () => {
    const limits = (talkTime: number) => {
      const { state } = play([pressed, { ...planned, talkTime }, { type: "answer", ...from(mara) }]);
      return state && [state.warnAt - state.now, state.endsAt - state.now];
    };
    expect(limits(60_000)).toEqual([30_000, 60_000]);
    expect(limits(talkLimit + 1)).toEqual([talkLimit - warningTime, talkLimit]);
  });
  it("is warned and ended in that order when both deadlines were slept through", () => {
    const { types } = play([talkLimit], talk());
    expect(types).toEqual(["gateway", "call-warning", "call-end", "gateway", "door-free", "record"]);
  });
  it("survives a socket that comes back within the grace, and not one that does not", () => {
    const back = play(
      [
        { type: "client-closed", ...from(mara) },
        clientGrace - 1,
        { type: "client-returned", ...from(mara) },
        clientGrace,
      ],
      talk(),
    );
    expect(back.state?.phase).toBe("talking");
    expect(back.types).toContain("talking");
    const gone = play([{ type: "client-closed", ...from(mara) }, clientGrace], talk());
    expect(gone.state?.ending?.reason).toBe("person-lost");
  });
  it("ends at once when the person may not take part any more, and not for anybody else", () => {
    const others = play([{ type: "access-ended", userId: jonas.userId }], talk());
    expect(others.state?.phase).toBe("talking");
    const own = play([{ type: "access-ended", userId: mara.userId }], talk());
    expect(own.state?.ending?.reason).toBe("person-lost");
    expect(gatewayMessages(own.effects)).toEqual([{ type: "end", callId: call, reason: "person-lost" }]);
  });
  it("does not care for the socket of one who lost the race", () => {
    expect(play([{ type: "client-closed", ...from(jonas) }, clientGrace * 2], talk()).state?.phase).toBe("talking");
  });
  it("is not ended by a lost link alone, nor by a browser that hears nothing", () => {
    expect(play([{ type: "link-lost" }, 60_000], talk()).state?.phase).toBe("talking");
    expect(play([{ type: "media", flowing: false, ...from(mara) }, 60_000], talk()).state?.phase).toBe("talking");
  });
  it("is broken within 5 s when both are seen", () => {
    const { state } = play(
      [{ type: "link-lost" }, 2_000, { type: "media", flowing: false, ...from(mara) }, witnessTime - 2_000],
      talk(),
    );
    expect(state && toRecord(state)).toMatchObject({
      outcome: "broken",
      reason: "media-node-lost",
      answeredBy: { name: "mara" },
    });
  });
  it("goes on when the link is back in time", () => {
    const { state } = play(
      [
        { type: "media", flowing: false, ...from(mara) },
        { type: "link-lost" },
        witnessTime - 1,
        { type: "link-back" },
        60_000,
      ],
      talk(),
    );
    expect(state?.phase).toBe("talking");
  });
  it("tells its story of the door, also when the reply comes after the end", () => {
    const door = (state: "sent" | "confirmed"): SessionEvent => ({
      type: "door-command",
      commandId: commandId.parse(uuid(50)),
      by: "mara",
      userId: mara.userId,
      state,
    });
    const { state, types } = play(
      [door("sent"), { type: "hang-up", ...from(mara) }, door("confirmed"), door("confirmed")],
      talk(),
    );
    expect(types.filter((type) => type === "record")).toHaveLength(2);
    const told = state && toRecord(state)?.events.flatMap(({ what }) => (what.type === "door" ? [what.state] : []));
    expect(told).toEqual(["sent", "confirmed"]);
  });
});

describe("a person's call", () => {
  it("rings the station and talks when it answers", () => {
    const { state, effects, types } = play([
      placed,
      planned,
      { type: "station-ringing" },
      { type: "station-answered" },
    ]);
    expect(gatewayMessages(effects).map((message) => message.type)).toEqual(["invite"]);
    expect(types).toEqual(["plan", "gateway", "calling", "talking"]);
    expect(state?.phase).toBe("talking");
  });
  it("ends when the caller hangs up first, and is recorded as placed", () => {
    const { state, effects } = play([placed, planned, { type: "hang-up", ...from(mara) }]);
    expect(gatewayMessages(effects).map((message) => message.type)).toEqual(["invite", "end"]);
    expect(state && toRecord(state)?.outcome).toBe("placed");
  });
  it("is never invited when the caller was gone before the plan", () => {
    const { effects, state } = play([placed, { type: "hang-up", ...from(mara) }, planned]);
    expect(gatewayMessages(effects)).toEqual([]);
    expect(state?.phase).toBe("ended");
  });
});

const person = fc.constantFrom(...people.map(from));
const anyEvent: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc.constantFrom<SessionEvent>(
    pressed,
    planned,
    { type: "plan-failed", why: "failed" },
    { type: "room-ready" },
    { type: "snapshot-taken" },
    { type: "caller-left" },
    { type: "station-ringing" },
    { type: "station-answered" },
    { type: "station-refused", sipStatus: 486 },
    { type: "answered" },
    { type: "call-ended", reason: "hung-up-by-station" },
    { type: "call-ended", reason: "station-lost" },
    { type: "link-lost" },
    { type: "link-back" },
    { type: "missing" },
    { type: "media-node-lost" },
    { type: "time" },
  ),
  fc
    .tuple(person, fc.constantFrom("rang" as const, "answer" as const, "decline" as const))
    .map(([who, type]) => ({ type, ...who })),
  fc
    .tuple(
      person,
      fc.constantFrom(
        "hang-up" as const,
        "client-closed" as const,
        "client-returned" as const,
        "client-silent" as const,
      ),
    )
    .map(([who, type]) => ({ type, ...who })),
  person.map(({ userId }) => ({ type: "access-ended" as const, userId })),
  fc.tuple(person, fc.boolean()).map(([who, flowing]) => ({ type: "media" as const, flowing, ...who })),
);
/** Moments anywhere, also backwards: a clock may be set. */
const anyHistory = fc.array(fc.tuple(anyEvent, fc.integer({ min: -40_000, max: 40_000 })), { maxLength: 40 });
const anyFirst = fc.constantFrom(pressed, placed);

describe("in whatever order things happen", () => {
  it("there is exactly one outcome, and in the end no leg rings", () => {
    fc.assert(
      fc.property(anyFirst, anyHistory, (first, history) => {
        let now = 1_000_000;
        let { state, effects } = step(undefined, first, now);
        const all = [...effects];
        let outcome: CallState["ending"];
        const play = (event: SessionEvent) => {
          const before = state?.now ?? 0;
          ({ state, effects } = step(state, event, now));
          all.push(...effects);
          expect(state?.now).toBeGreaterThanOrEqual(before);
          if (outcome) expect(state?.ending).toEqual(outcome);
          outcome = state?.ending;
        };
        for (const [event, later] of history) {
          now += later;
          play(event);
        }
        // Whatever happened, the deadlines alone bring the call to its end.
        for (let turns = 0; state && state.phase !== "ended"; turns++) {
          expect(turns).toBeLessThan(10);
          const next = nextDeadline(state);
          expect(next).toBeDefined();
          now = Math.max(now, next ?? 0);
          play({ type: "time" });
        }
        expect(outcome).toBeDefined();
        expect(noisy(all)).toEqual(new Set());
        expect(state?.legs.filter(isRinging)).toEqual([]);
        expect(state?.events.filter(({ what }) => what.type === "ended").length).toBe(state?.door ? 1 : 0);
        expect(all.filter((effect) => effect.type === "record").length).toBe(state?.door ? 1 : 0);
        expect(all.filter((e) => e.type === "gateway" && e.message.type === "answer").length).toBeLessThanOrEqual(1);
        expect(state?.legs.filter((leg) => leg.fate === "answered").length).toBeLessThanOrEqual(1);
        if (state) expect(deadlines(state)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("an event that comes twice changes nothing the second time", () => {
    fc.assert(
      fc.property(anyFirst, anyHistory, anyEvent, (first, history, event) => {
        let now = 1_000_000;
        let { state } = step(undefined, first, now);
        for (const [earlier, later] of history) {
          now = Math.max(now, now + later);
          ({ state } = step(state, earlier, now));
        }
        const once = step(state, event, now);
        const twice = step(once.state, event, now);
        expect(twice.state).toEqual(once.state);
        const harmless = new Set(["ring", "talking", "calling", "answer-refused", "call-end", "ring-end"]);
        expect(twice.effects.filter((effect) => !harmless.has(effect.type))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("two moments at once are as two in a row: sleeping through deadlines carries them out in order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: talkLimit }), { maxLength: 8 }), (pauses) => {
        const talk = play([pressed, planned, { type: "answer", ...from(mara) }]).state;
        const slept = play([pauses.reduce((sum, pause) => sum + pause, 0)], talk).effects;
        expect(play(pauses, talk).effects).toEqual(slept);
      }),
    );
  });
});
