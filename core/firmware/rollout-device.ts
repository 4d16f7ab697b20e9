/**
 * One device in a rollout, as a table. Whatever it is asked or does has a deadline, and a device that restarted and says
 * nothing has failed. Pure: moments are in milliseconds.
 */
import { z } from "zod";
import type { Up } from "../messages/device.ts";

/** `told`: it was asked, and has said nothing yet. `restarting`: the release is installed and on trial. `left`: not concerned. */
export const deviceState = z.enum(["waits", "told", "under-way", "restarting", "healthy", "failed", "left"]);
export type DeviceState = z.infer<typeof deviceState>;

/** `silent`: it restarted and was not heard of again. `no-answer`: it was told several times, and nothing came of it. */
export const failure = z.enum(["failed", "fell-back", "refused", "silent", "no-answer"]);
export type Failure = z.infer<typeof failure>;

export interface RolloutDevice {
  state: DeviceState;
  failure: Failure | null;
  /** How often it was told. */
  attempts: number;
  /** When silence means something. */
  deadline: number | null;
  /** When it came to be as it is. */
  since: number;
}

/** A command is worth nothing after half a minute: whoever said nothing by then has not got it. */
export const answerTime = 10 * 60_000;
/** 400 MB take 53 minutes at 1 Mbit/s, and a device says how far it is on the way. */
export const quietTime = 60 * 60_000;
/** A trial is decided within a minute; the rest is the start and the way back onto the network. */
export const restartTime = 15 * 60_000;
export const mostAttempts = 3;

export type RolloutDeviceEvent =
  | { type: "told" }
  /** The command found no connection. */
  | { type: "not-reached" }
  | { type: "acknowledged"; result: Up<"acknowledged">["result"] }
  | { type: "progress"; phase: Up<"progress">["phase"] }
  /** It says that it runs the release, or a newer one. */
  | { type: "runs" }
  | { type: "time-passed" }
  /** It was given up, or revoked. */
  | { type: "left" };

export const waiting = (at: number): RolloutDevice => ({
  state: "waits",
  failure: null,
  attempts: 0,
  deadline: null,
  since: at,
});

/** What follows. What means nothing in a state leaves it as it is: a device repeats itself. */
export function advance(one: RolloutDevice, event: RolloutDeviceEvent, at: number): RolloutDevice {
  const { state, attempts } = one;
  const becomes = (next: DeviceState, after?: number): RolloutDevice => ({
    ...one,
    state: next,
    failure: null,
    deadline: after === undefined ? null : at + after,
    since: at,
  });
  const fails = (why: Failure): RolloutDevice => ({ ...becomes("failed"), failure: why });
  const again = (): RolloutDevice => (attempts < mostAttempts ? becomes("waits") : fails("no-answer"));
  const isOver = state === "healthy" || state === "failed" || state === "left";

  switch (event.type) {
    case "told":
      return state === "waits" ? { ...becomes("told", answerTime), attempts: attempts + 1 } : one;
    case "not-reached":
      return state === "told" ? { ...becomes("waits"), attempts: attempts - 1 } : one;
    case "acknowledged":
      if (state !== "told" || event.result === "done") return one;
      return event.result === "expired" ? again() : fails("refused");
    case "progress":
      if (state === "left") return one;
      switch (event.phase) {
        case "waiting":
        case "loading":
        case "checking":
          return isOver ? one : { ...becomes("under-way", quietTime), since: state === "under-way" ? one.since : at };
        case "installed":
          return isOver ? one : becomes("restarting", restartTime);
        case "healthy":
          // Better late than never: a slow start was taken for silence.
          return state === "healthy" ? one : becomes("healthy");
        case "fell-back":
          return state === "failed" ? one : fails(event.phase);
        case "failed":
          return isOver ? one : fails(event.phase);
      }
      break;
    case "runs":
      // While it is on trial it may still fall back. Long after, that it is there says that it did not.
      if (state === "waits") return becomes("left");
      return state === "told" || (state === "failed" && one.failure === "silent") ? becomes("healthy") : one;
    case "time-passed":
      if (one.deadline === null || at < one.deadline) return one;
      return state === "restarting" ? fails("silent") : again();
    case "left":
      return isOver ? one : becomes("left");
  }
}
