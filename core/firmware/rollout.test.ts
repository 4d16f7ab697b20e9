import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOpen } from "../schedule/maintenance-window.ts";
import { takes, type Update } from "./policy.ts";
import {
  begun,
  type Candidate,
  type Decision,
  decide,
  isOpenRollout,
  mayTell,
  moveOn,
  nobody,
  type Rollout,
  soakTime,
  stepsOf,
  stepTime,
  type Tally,
  together,
  tolerated,
  usualSteps,
} from "./rollout.ts";
import { advance, type RolloutDevice, type RolloutDeviceEvent, waiting } from "./rollout-device.ts";

const begin = Date.parse("2026-11-27T12:00:00Z");
const hour = 60 * 60_000;
const tally = (part: Partial<Tally>): Tally => ({ ...nobody, ...part });
const running = begun(begin, { approval: false });
const later = begin + hour + soakTime;

describe("a rollout", () => {
  test("goes on once the devices of its step are healthy and have been for a while", () => {
    const tallies = [tally({ healthy: 1, endedAt: begin + hour }), tally({ waits: 9 }), tally({ waits: 90 })];
    expect(moveOn(running, tallies, later - 1)).toBe(running);
    expect(moveOn(running, tallies, later)).toMatchObject({ state: "running", step: 1, stepSince: later });
  });

  test("asks before each step where that is wanted", () => {
    const tallies = [tally({ healthy: 1, endedAt: begin }), tally({ waits: 9 }), tally({ waits: 90 })];
    const asks = moveOn({ ...running, approval: true }, tallies, later);
    expect(asks).toMatchObject({ state: "awaits-approval", step: 0 });
    expect(moveOn(asks, tallies, later + 30 * stepTime)).toBe(asks);
    expect(decide(asks, "approve", tallies, later)).toMatchObject({ state: "running", step: 1 });
  });

  test.each([
    [37, 3, "stopped"],
    [38, 2, "running"],
    [0, 1, "stopped"],
  ])("with %d healthy and %d failed is %s", (healthy, failed, state) => {
    expect(moveOn(running, [tally({ healthy, failed, underWay: 1 })], begin).state).toBe(state);
  });

  test("does not wait for ever for who is away, and asks where nobody at all could be reached", () => {
    const late = begin + stepTime;
    const some = [tally({ waits: 1, healthy: 3, endedAt: begin }), tally({ waits: 9 })];
    expect(moveOn(running, some, late - 1)).toBe(running);
    expect(moveOn(running, some, late)).toMatchObject({ state: "running", step: 1 });
    expect(moveOn(running, [tally({ waits: 1 }), tally({ waits: 9 })], late).state).toBe("awaits-approval");
  });

  test("of a single device has a single step", () => {
    expect(moveOn(running, [tally({ healthy: 1, endedAt: begin }), nobody, nobody], begin)).toMatchObject({
      state: "done",
    });
  });

  test("stops also after its last step, where devices that came late fail", () => {
    const done: Rollout = { ...running, state: "done", step: 2 };
    expect(moveOn(done, [tally({ healthy: 2, failed: 1 })], begin)).toMatchObject({ state: "stopped" });
  });

  test("that has stopped is decided on no more", () => {
    const stopped = decide(running, "stop", [], begin);
    expect(stopped).toMatchObject({ state: "stopped", reason: "by-person" });
    for (const what of ["pause", "resume", "approve", "stop"] as const)
      expect(stopped && decide(stopped, what, [], begin)).toBeUndefined();
  });
});

describe("who goes first", () => {
  const ids = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 300 });

  test("is drawn the same in whatever order the devices are named, and the first steps are as small as they say", () => {
    fc.assert(
      fc.property(ids, fc.nat(1000), (devices, release) => {
        const drawn = stepsOf(devices, release, usualSteps);
        expect(stepsOf(devices.toReversed(), release, usualSteps)).toEqual(drawn);
        const upTo = (step: number) => [...drawn.values()].filter((one) => one <= step).length;
        expect(usualSteps.map((_, step) => upTo(step))).toEqual(
          usualSteps.map((percent) => Math.ceil((devices.length * percent) / 100)),
        );
      }),
    );
  });

  test("is not always the same device", () => {
    const devices = Array.from({ length: 40 }, (_, n) => `door-${n}`);
    const first = new Set<string>();
    for (let release = 1; release <= 100; release++)
      for (const [id, step] of stepsOf(devices, release, usualSteps)) if (step === 0) first.add(id);
    expect(first.size).toBeGreaterThan(25);
  });
});

/** What can happen to a fleet, in any order. */
type Event =
  | { what: "hours"; hours: number }
  | { what: "comes-or-goes"; device: number }
  | { what: "says"; device: number; event: RolloutDeviceEvent }
  | { what: "decides"; decision: Decision };

const said: fc.Arbitrary<RolloutDeviceEvent> = fc.oneof(
  fc.record({
    type: fc.constant("progress" as const),
    phase: fc.constantFrom("waiting", "loading", "checking", "installed", "healthy", "fell-back", "failed"),
  }),
  fc.record({ type: fc.constant("acknowledged" as const), result: fc.constantFrom("done", "expired", "refused") }),
  fc.record({ type: fc.constantFrom("runs", "left") }),
);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant("hours" as const), hours: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("comes-or-goes" as const), device: fc.nat(39) }) },
  { weight: 8, arbitrary: fc.record({ what: fc.constant("says" as const), device: fc.nat(39), event: said }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("decides" as const),
      decision: fc.constantFrom<Decision[]>("pause", "resume", "approve", "stop"),
    }),
  },
);
const update: fc.Arbitrary<Update> = fc.record({
  policy: fc.constantFrom("all", "security-critical", "manual"),
  windows: fc.constantFrom([], [{ days: [1, 3, 5], from: 120, length: 120 }]),
});

interface Member extends Pick<Candidate, "step" | "critical" | "connected" | "timeZone" | "update"> {
  stands: RolloutDevice;
}

/** A fleet and its rollout, moved as the cloud moves it: every half hour, and as things happen. Checks what must always hold. */
class Fleet {
  now = begin;
  members: Member[];
  rollout: Rollout;
  byPerson: boolean;

  constructor(updates: readonly Update[], { approval, byPerson }: { approval: boolean; byPerson: boolean }) {
    const ids = updates.map((_, n) => `device-${n}`);
    const steps = stepsOf(ids, 7, usualSteps);
    this.members = updates.map((one, n) => ({
      stands: waiting(begin),
      step: steps.get(ids[n] ?? "") ?? 0,
      critical: n % 2 === 0,
      connected: n % 3 > 0,
      timeZone: n % 2 ? "Europe/Vienna" : "America/Los_Angeles",
      update: one,
    }));
    this.rollout = begun(begin, { approval });
    this.byPerson = byPerson;
  }

  tallies(): Tally[] {
    return usualSteps.map((_, step) => {
      const own = this.members.filter((one) => one.step === step).map(({ stands }) => stands);
      const count = (...states: RolloutDevice["state"][]) => own.filter(({ state }) => states.includes(state)).length;
      const ended = own.filter(({ state }) => state === "healthy" || state === "failed").map(({ since }) => since);
      return {
        waits: count("waits"),
        underWay: count("told", "under-way", "restarting"),
        healthy: count("healthy"),
        failed: count("failed"),
        endedAt: ended.length ? Math.max(...ended) : null,
      };
    });
  }

  move(): void {
    for (const one of this.members) one.stands = advance(one.stands, { type: "time-passed" }, this.now);
    const after = moveOn(this.rollout, this.tallies(), this.now);
    expect(isOpenRollout(after) && !isOpenRollout(this.rollout)).toBe(false);
    expect(after.step).toBeGreaterThanOrEqual(this.rollout.step);
    this.rollout = after;
    const { healthy, failed } = together(this.tallies());
    if (failed * 100 > tolerated * (healthy + failed)) expect(isOpenRollout(after)).toBe(false);
    for (const one of this.members) {
      const { state } = one.stands;
      if (!mayTell({ ...after, byPerson: this.byPerson }, { ...one, state }, this.now)) continue;
      // Nobody is told twice at once, none before its turn, outside its window or against its policy.
      expect(state).toBe("waits");
      expect(one.stands.deadline).toBeNull();
      expect(after.state === "done" || (after.state === "running" && one.step <= after.step)).toBe(true);
      expect(isOpen(one.update.windows, one.timeZone, this.now)).toBe(true);
      expect(this.byPerson || takes(one.update.policy, one.critical)).toBe(true);
      one.stands = advance(one.stands, { type: "told" }, this.now);
    }
    for (const { stands } of this.members) {
      const pending = stands.state === "told" || stands.state === "under-way" || stands.state === "restarting";
      expect(stands.deadline !== null).toBe(pending);
    }
  }

  pass(hours: number): void {
    for (let n = 0; n < 2 * hours; n++) {
      this.now += hour / 2;
      this.move();
    }
  }

  happens(one: Event): void {
    const member = "device" in one ? this.members[one.device % this.members.length] : undefined;
    if (one.what === "hours") this.pass(one.hours);
    if (one.what === "comes-or-goes" && member) member.connected = !member.connected;
    if (one.what === "says" && member) member.stands = advance(member.stands, one.event, this.now);
    if (one.what === "decides")
      this.rollout = decide(this.rollout, one.decision, this.tallies(), this.now) ?? this.rollout;
  }
}

test("whatever devices do or leave undone, and whoever decides what, each rollout comes to an end that its devices agree with", () => {
  const about = fc.record({ approval: fc.boolean(), byPerson: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(update, { minLength: 1, maxLength: 40 }),
      about,
      fc.array(event, { maxLength: 40 }),
      (updates, how, events) => {
        const fleet = new Fleet(updates, how);
        fleet.move();
        for (const one of events) fleet.happens(one);
        // Then nobody pauses any more, and who is asked agrees.
        for (let n = 0; n < 40 && fleet.rollout.state !== "done" && isOpenRollout(fleet.rollout); n++) {
          fleet.happens({ what: "decides", decision: fleet.rollout.state === "paused" ? "resume" : "approve" });
          fleet.pass(24);
        }
        fleet.pass(24);
        expect(["done", "stopped"]).toContain(fleet.rollout.state);
        expect(fleet.rollout.state === "stopped").toBe(fleet.rollout.reason !== null);
        if (fleet.rollout.state === "stopped") expect(together(fleet.tallies()).underWay).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
});
