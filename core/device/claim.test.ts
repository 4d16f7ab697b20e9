import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accepted,
  advance,
  type Claim,
  type ClaimEvent,
  type ClaimState,
  presenceTime,
  waitingTime,
  whoseIsIt,
} from "./claim.ts";

const begin = 1_000_000;
const happens = (claim: Claim, ...types: Exclude<ClaimEvent["type"], "failed">[]) =>
  types.reduce((now, type, step) => advance(now, { type, at: begin + 1_000 * (step + 1) }), claim);

describe("a claim", () => {
  test("is ready once the device is enrolled, configured and registered, each step with its time", () => {
    const claim = happens(accepted(begin), "present", "enrolled", "configured", "registered");
    expect(claim).toMatchObject({
      state: "ready",
      acceptedAt: begin,
      presentAt: begin + 1_000,
      enrolledAt: begin + 2_000,
      configuredAt: begin + 3_000,
      registeredAt: begin + 4_000,
      readyAt: begin + 4_000,
    });
  });

  test("is ready also where the device registers before it is configured", () => {
    expect(happens(accepted(begin), "present", "enrolled", "registered").state).toBe("enrolled");
    expect(happens(accepted(begin), "present", "enrolled", "registered", "configured").state).toBe("ready");
  });

  test("is ready without a registration where the device takes part in no calls", () => {
    const enrolled = happens(accepted(begin), "present", "enrolled");
    expect(advance(enrolled, { type: "configured", at: begin + 3_000 }, false)).toMatchObject({
      state: "ready",
      registeredAt: null,
      readyAt: begin + 3_000,
    });
    expect(advance(enrolled, { type: "configured", at: begin + 3_000 }).state).toBe("configured");
  });

  test("fails when nobody is present in time, and no press revives it", () => {
    const late = advance(accepted(begin), { type: "time-passed", at: begin + waitingTime });
    expect(late).toMatchObject({ state: "failed", reason: "nobody-present" });
    expect(advance(late, { type: "present", at: begin + waitingTime + 1 })).toBe(late);
  });

  test("is not taken away by another's once somebody was present", () => {
    const present = happens(accepted(begin), "present");
    for (const reason of ["claimed-elsewhere", "several-waiting"] as const)
      expect(advance(present, { type: "failed", reason, at: begin + 2_000 })).toBe(present);
  });

  test("does not go on before somebody was present", () => {
    expect(happens(accepted(begin), "enrolled", "configured", "registered").state).toBe("waiting");
  });
});

const inTheEnd = (happened: readonly ClaimEvent[]): Claim =>
  happened.reduce((claim, event) => advance(claim, event), accepted(begin));

const events: fc.Arbitrary<ClaimEvent> = fc.oneof(
  fc.record({
    type: fc.constantFrom("present", "enrolled", "configured", "registered", "time-passed"),
    at: fc.integer({ min: begin, max: begin + 2 * waitingTime }),
  }),
  fc.record({
    type: fc.constant("failed" as const),
    reason: fc.constantFrom("claimed-elsewhere", "several-waiting", "given-up"),
    at: fc.integer({ min: begin, max: begin + 2 * waitingTime }),
  }),
);
const order: readonly ClaimState[] = ["waiting", "present", "enrolled", "configured", "ready"];

describe("whatever happens in whatever order", () => {
  test("a claim never goes back, and ends once", () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 30 }), (happened) => {
        let claim = accepted(begin);
        for (const event of happened) {
          const next = advance(claim, event);
          if (claim.state === "ready" || claim.state === "failed") expect(next).toBe(claim);
          else if (next.state !== "failed")
            expect(order.indexOf(next.state)).toBeGreaterThanOrEqual(order.indexOf(claim.state));
          claim = next;
        }
      }),
    );
  });

  test("nothing is past waiting without a press, nor ready without enrolment, configuration and registration", () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 30 }), (happened) => {
        const claim = inTheEnd(happened);
        if (claim.state !== "waiting" && claim.state !== "failed") expect(claim.presentAt).not.toBeNull();
        if (claim.state === "ready")
          for (const at of [claim.enrolledAt, claim.configuredAt, claim.registeredAt]) expect(at).not.toBeNull();
      }),
    );
  });

  test("an event that comes twice changes nothing the second time", () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 10 }), events, (happened, last) => {
        const once = advance(inTheEnd(happened), last);
        expect(advance(once, last)).toEqual(once);
      }),
    );
  });
});

describe("a press", () => {
  const waiting = (id: string, since: number) => ({ id, acceptedAt: since, expiresAt: since + waitingTime });

  test("gives the device to the one that waits", () => {
    expect(whoseIsIt(begin, [waiting("a", begin - 5_000)], begin)).toEqual({ type: "give", to: "a" });
  });

  test("gives it to nobody while two wait", () => {
    const both = [waiting("a", begin - 5_000), waiting("b", begin - 1_000)];
    expect(whoseIsIt(begin, both, begin)).toEqual({ type: "refuse-all" });
  });

  test("is good for the first code of the next two minutes", () => {
    const both = [waiting("b", begin + 2_000), waiting("a", begin + 1_000)];
    expect(whoseIsIt(begin, both, begin + 3_000)).toEqual({ type: "give", to: "a" });
    const late = begin + presenceTime;
    expect(whoseIsIt(begin, [waiting("a", late)], late)).toEqual({ type: "nobody" });
  });

  test("does not count for who gave up waiting", () => {
    expect(whoseIsIt(begin, [waiting("a", begin - waitingTime)], begin)).toEqual({ type: "nobody" });
  });

  test("was not there: nobody gets it, however many codes are known", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: begin })), fc.integer({ min: 0, max: begin }), (since, now) => {
        expect(
          whoseIsIt(
            null,
            since.map((at, id) => waiting(String(id), at)),
            now,
          ),
        ).toEqual({ type: "nobody" });
      }),
    );
  });
});
