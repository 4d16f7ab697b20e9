import { describe, expect, test } from "vitest";
import {
  advance,
  answerTime,
  mostAttempts,
  quietTime,
  type RolloutDeviceEvent,
  restartTime,
  waiting,
} from "./rollout-device.ts";

const begin = 1_000_000;
const minute = 60_000;
type Said = Extract<RolloutDeviceEvent, { type: "progress" }>["phase"];
const says = (...phases: Said[]): RolloutDeviceEvent[] => phases.map((phase) => ({ type: "progress", phase }));
const told: RolloutDeviceEvent = { type: "told" };
/** One event a minute. */
const having = (...events: RolloutDeviceEvent[]) =>
  events.reduce((one, event, n) => advance(one, event, begin + n * minute), waiting(begin));

describe("a device of a rollout", () => {
  test("is told, loads, restarts and is healthy", () => {
    expect(having(told, ...says("waiting", "loading", "checking")).state).toBe("under-way");
    expect(having(told, ...says("loading", "installed")).state).toBe("restarting");
    expect(having(told, ...says("loading", "installed", "healthy"))).toMatchObject({
      state: "healthy",
      deadline: null,
    });
  });

  test("has failed when it restarts and says nothing, and is healthy after all when it comes back with the release", () => {
    const restarting = having(told, ...says("loading", "installed"));
    const at = restarting.deadline ?? 0;
    expect(at).toBe(begin + 2 * minute + restartTime);
    expect(advance(restarting, { type: "time-passed" }, at - 1)).toBe(restarting);
    const silent = advance(restarting, { type: "time-passed" }, at);
    expect(silent).toMatchObject({ state: "failed", failure: "silent" });
    expect(advance(silent, { type: "runs" }, at + minute).state).toBe("healthy");
  });

  test("is not believed healthy for what it runs on trial", () => {
    const restarting = having(told, ...says("installed"), { type: "runs" });
    expect(restarting.state).toBe("restarting");
    expect(advance(restarting, { type: "progress", phase: "fell-back" }, begin + 5 * minute)).toMatchObject({
      state: "failed",
      failure: "fell-back",
    });
  });

  test("that falls back after it was healthy has failed", () => {
    expect(having(told, ...says("installed", "healthy", "fell-back")).state).toBe("failed");
  });

  test("is told again where nothing came of it, and then has failed", () => {
    let one = waiting(begin);
    let at = begin;
    for (let n = 0; n < mostAttempts; n++) {
      one = advance(one, told, at);
      expect(one.state).toBe("told");
      at += answerTime;
      one = advance(one, { type: "time-passed" }, at);
    }
    expect(one).toMatchObject({ state: "failed", failure: "no-answer" });
  });

  test("that was away when it was told was not told", () => {
    expect(having(told, { type: "not-reached" })).toMatchObject({ state: "waits", attempts: 0 });
  });

  test.each(["loading", "waiting"] as const)("may take its time for as long as it says that it is %s", (phase) => {
    let one = advance(waiting(begin), told, begin);
    for (let at = begin; at < begin + 5 * quietTime; at += quietTime / 2) {
      one = advance(advance(one, { type: "time-passed" }, at), { type: "progress", phase }, at);
      expect(one.state).toBe("under-way");
    }
  });

  test("that refuses has failed, and one that has the release by itself is not concerned", () => {
    expect(having(told, { type: "acknowledged", result: "refused" })).toMatchObject({ failure: "refused" });
    expect(having(told, { type: "acknowledged", result: "done" }).state).toBe("told");
    expect(having({ type: "runs" }).state).toBe("left");
    expect(having({ type: "left" }, told).state).toBe("left");
  });
});
