/**
 * A claim from the code to the first call, as a table. A claim waits for somebody at the device; a press there decides who
 * gets it; enrolment, configuration and registration follow in whatever order the device manages. Pure: `at` is a moment in
 * milliseconds.
 */
import { z } from "zod";

export const claimState = z.enum(["waiting", "present", "enrolled", "configured", "ready", "failed"]);
export type ClaimState = z.infer<typeof claimState>;

/**
 * `nobody-present`: nobody pressed in time. `several-waiting`: when somebody pressed, another waited for the same device.
 * `claimed-elsewhere`: another had the right code and was first. `given-up`: the device was revoked, released or handed on meanwhile.
 */
export const claimFailure = z.enum(["nobody-present", "several-waiting", "claimed-elsewhere", "given-up"]);
export type ClaimFailure = z.infer<typeof claimFailure>;

/** How long a press at an unclaimed device counts. Milliseconds. */
export const presenceTime = 2 * 60_000;
/** How long a claim waits for a press: the way from the desk to the door. Milliseconds. */
export const waitingTime = 10 * 60_000;
/** A device that asked for its enrolment within this time is online. Milliseconds. */
export const onlineTime = 60_000;

export interface Claim {
  state: ClaimState;
  reason: ClaimFailure | null;
  acceptedAt: number;
  expiresAt: number;
  presentAt: number | null;
  enrolledAt: number | null;
  configuredAt: number | null;
  registeredAt: number | null;
  readyAt: number | null;
  failedAt: number | null;
}

/** A right code was given while the device was online. */
export const accepted = (at: number): Claim => ({
  state: "waiting",
  reason: null,
  acceptedAt: at,
  expiresAt: at + waitingTime,
  presentAt: null,
  enrolledAt: null,
  configuredAt: null,
  registeredAt: null,
  readyAt: null,
  failedAt: null,
});

export type ClaimEvent =
  | { type: "present" | "enrolled" | "configured" | "registered" | "time-passed"; at: number }
  | { type: "failed"; reason: ClaimFailure; at: number };

/**
 * What follows. What means nothing in a state leaves it as it is: a device repeats itself after every power cut.
 * @param registers whether the device takes part in calls: one that does not is ready without a registration
 */
export function advance(claim: Claim, event: ClaimEvent, registers = true): Claim {
  const { at } = event;
  const fails = (reason: ClaimFailure): Claim => ({ ...claim, state: "failed", reason, failedAt: at });
  if (claim.state === "ready" || claim.state === "failed") return claim;
  // Once the device is somebody's, no other's code or press takes it away: only its holder gives it up.
  if (event.type === "failed")
    return claim.state === "waiting" || event.reason === "given-up" ? fails(event.reason) : claim;
  if (claim.state === "waiting") {
    if (at >= claim.expiresAt) return fails("nobody-present");
    return event.type === "present" ? { ...claim, state: "present", presentAt: at } : claim;
  }
  switch (event.type) {
    case "enrolled":
      return progressed({ ...claim, enrolledAt: claim.enrolledAt ?? at }, at, registers);
    case "configured":
      return claim.enrolledAt === null
        ? claim
        : progressed({ ...claim, configuredAt: claim.configuredAt ?? at }, at, registers);
    case "registered":
      return claim.enrolledAt === null
        ? claim
        : progressed({ ...claim, registeredAt: claim.registeredAt ?? at }, at, registers);
    case "present":
    case "time-passed":
      return claim;
  }
}

/** The state follows from what has happened; ready is who has its configuration and can be called. */
function progressed(claim: Claim, at: number, registers: boolean): Claim {
  if (claim.configuredAt === null) return { ...claim, state: "enrolled" };
  if (registers && claim.registeredAt === null) return { ...claim, state: "configured" };
  return { ...claim, state: "ready", readyAt: at };
}

export interface Waiting<Id> {
  id: Id;
  acceptedAt: number;
  expiresAt: number;
}

export type Verdict<Id> = { type: "nobody" } | { type: "give"; to: Id } | { type: "refuse-all" };

/**
 * Whom a press at an unclaimed device gives it to. Whoever waited when it was pressed: alone they get it, several get
 * nothing, for nobody can tell whose hand it was. Where nobody waited, the first code after the press gets it.
 */
export function whoseIsIt<Id>(pressedAt: number | null, waiting: readonly Waiting<Id>[], now: number): Verdict<Id> {
  if (pressedAt === null || now >= pressedAt + presenceTime) return { type: "nobody" };
  const awake = waiting.filter((claim) => claim.expiresAt > now);
  const before = awake.filter((claim) => claim.acceptedAt <= pressedAt);
  if (before.length > 1) return { type: "refuse-all" };
  const [first] = before.length === 1 ? before : awake.toSorted((a, b) => a.acceptedAt - b.acceptedAt);
  return first ? { type: "give", to: first.id } : { type: "nobody" };
}
