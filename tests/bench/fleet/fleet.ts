/** The processes that simulate a fleet, together. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Order, type Progress, progress } from "./messages.ts";

export interface Fleet {
  /** Resolves when so many are connected. Rejects where it takes too long. */
  connected(count: number): Promise<void>;
  /** Resolves when so many reported this version and were acknowledged. */
  reported(version: number, count: number): Promise<void>;
  stop(): Promise<void>;
}

const processes = 2;
/** Milliseconds that any step may take: a minute, and for each device what everything together needs on two busy cores. */
const patience = (devices: number) => 60_000 + devices * 60;

/** @param ca whom devices trust. PEM */
export function startFleet(devices: Order["devices"], port: number, ca: string): Fleet {
  const last = new Map<ChildProcess, Progress>();
  const waiting = new Set<() => void>();
  const children = Array.from({ length: processes }, (_, n) => {
    const child = fork(join(import.meta.dirname, "device.ts"));
    child.on("message", (message) => {
      last.set(child, progress.parse(message));
      for (const look of waiting) look();
    });
    child.send({ port, ca, devices: devices.filter((_, at) => at % processes === n) });
    return child;
  });
  const sum = (of: (counts: Progress) => number) => [...last.values()].reduce((total, counts) => total + of(counts), 0);
  const until = (what: string, now: () => number, count: number) =>
    new Promise<void>((resolve, reject) => {
      const giveUp = setTimeout(() => reject(new Error(`${now()} of ${count} ${what}`)), patience(devices.length));
      const look = () => {
        if (now() < count) return;
        clearTimeout(giveUp);
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return {
    connected: (count) => until("are connected", () => sum(({ connected }) => connected), count),
    reported: (version, count) =>
      until(`reported version ${version}`, () => sum(({ reported }) => reported[version] ?? 0), count),
    async stop() {
      await Promise.all(
        children.map((child) => {
          const ended = once(child, "exit");
          child.kill("SIGKILL");
          return ended;
        }),
      );
    },
  };
}
