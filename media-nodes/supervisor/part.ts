/** One running part: started, watched, started again with back-off when it ends, and stopped with everything it started. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, statSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { waitUntilWell } from "./health.ts";
import type { PartSpec } from "./parts.ts";
import { signal } from "./processes.ts";
import { putAside } from "./put-aside.ts";

/** Milliseconds. */
const timing = { firstBackOff: 200, longestBackOff: 10_000, settled: 30_000, healthyWithin: 60_000, stopWithin: 8_000 };
/** How often a part's log is looked at. Milliseconds. */
const lookAtLog = 60_000;

export interface Part {
  readonly spec: PartSpec;
  readonly log: string;
  /** Undefined while it is not running. */
  pid(): number | undefined;
  restarts(): number;
  /** Starts it. Resolves when it is healthy the first time; rejects when it ends or is not healthy in time. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends it and what it started at once. */
  kill(): void;
}

export interface PartOptions {
  spec: PartSpec;
  /** Working folder, and where the part's script is found. */
  root: string;
  /** Log file. */
  log: string;
  /** What every part gets: PATH and the like, and whom it trusts. */
  baseEnvironment: Record<string, string>;
  /** Something a person should know. */
  say: (sentence: string) => void;
  /** It was started, ended, or became healthy. */
  changed: () => void;
}

/** How long to wait before the start after `failures` ends in a row. Milliseconds. */
export const backOff = (failures: number): number =>
  Math.min(timing.firstBackOff * 2 ** Math.max(failures - 1, 0), timing.longestBackOff);

export function makePart(options: PartOptions): Part {
  const { spec, root, log, baseEnvironment, say, changed } = options;
  let child: ChildProcess | undefined;
  let stopping = false;
  let restarts = 0;
  let failures = 0;
  let looking: NodeJS.Timeout | undefined;

  function launch(): ChildProcess {
    const file = openSync(log, "a");
    // A process group of its own: Ctrl-C at the terminal must not reach it, and what it started can be ended with it.
    const started = spawn(process.execPath, [spec.script], {
      cwd: root,
      detached: true,
      stdio: ["ignore", file, file],
      env: { ...baseEnvironment, ...spec.environment },
    });
    closeSync(file);
    child = started;
    changed();
    return started;
  }

  const ended = (one: ChildProcess) =>
    new Promise<string>((resolve) => {
      one.once("error", (error) => resolve(error.message));
      one.once("exit", (code, name) => {
        if (one.pid) signal(-one.pid, "SIGKILL"); // workerd and others outlive their parent and hold its ports
        resolve(name ? `signal ${name}` : `code ${code}`);
      });
    });

  /** Waits for health unless the process ends first. Resolves to what went wrong. */
  async function settle(end: Promise<string>): Promise<string | undefined> {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), timing.healthyWithin);
    const well = waitUntilWell(spec.probe, giveUp.signal).then(
      () => undefined,
      (error: Error) => `was not healthy within ${timing.healthyWithin / 1000} s (${error.message})`,
    );
    const wrong = await Promise.race([well, end.then((how) => `ended with ${how}`)]);
    clearTimeout(timer);
    giveUp.abort();
    return wrong;
  }

  async function watch(end: Promise<string>, since: number): Promise<void> {
    const how = await end;
    child = undefined;
    changed();
    if (stopping) return;
    failures = Date.now() - since > timing.settled ? 1 : failures + 1;
    const pause = backOff(failures);
    say(`${spec.name} ended (${how}); starting it again in ${pause / 1000} s. Log: ${log}`);
    await wait(pause);
    if (stopping) return;
    restarts++;
    const again = Date.now();
    const nextEnd = ended(launch());
    void watch(nextEnd, again);
    const wrong = await settle(nextEnd);
    if (wrong === undefined) say(`${spec.name} is back.`);
    else if (!stopping && child) say(`${spec.name} ${wrong}. Log: ${log}`);
    changed();
  }

  return {
    spec,
    log,
    pid: () => child?.pid,
    restarts: () => restarts,
    start: async () => {
      const since = Date.now();
      putAside(log);
      looking = setInterval(() => putAside(log), lookAtLog).unref();
      const from = existsSync(log) ? statSync(log).size : 0;
      const started = launch();
      const end = ended(started);
      const wrong = await settle(end);
      if (wrong !== undefined && !stopping) {
        stopping = true;
        if (started.pid && child) signal(-started.pid, "SIGKILL");
        const said = readFileSync(log).subarray(from).toString().trim().split("\n").slice(-8).join("\n");
        throw new Error(`${spec.name} ${wrong}. Its last lines (${log}):\n${said}`);
      }
      void watch(end, since);
      changed();
    },
    stop: async () => {
      stopping = true;
      clearInterval(looking);
      const running = child;
      if (!running?.pid) return;
      const end = new Promise((resolve) => running.once("exit", resolve));
      signal(running.pid, "SIGTERM");
      const insist = setTimeout(() => running.pid && signal(-running.pid, "SIGKILL"), timing.stopWithin);
      if (running.exitCode === null && running.signalCode === null) await end;
      clearTimeout(insist);
      signal(-running.pid, "SIGKILL");
    },
    kill: () => {
      stopping = true;
      clearInterval(looking);
      if (child?.pid) signal(-child.pid, "SIGKILL");
    },
  };
}
