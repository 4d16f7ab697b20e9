/** Our own station as a process of its own, as `npm run station` runs it, and what it tells. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { StationEvent } from "../../station/events.ts";
import type { StationEnvironment } from "./enrolled.ts";

type Told = StationEvent & { at: number };
type Kind<T extends StationEvent["event"]> = Extract<StationEvent, { event: T }> & { at: number };

export interface ReferenceStation {
  readonly events: readonly Told[];
  /** The first event of this kind, whether it came or comes; `fits` chooses among several, `from` leaves out the first so many events. Rejects after `within` milliseconds. */
  told<T extends StationEvent["event"]>(
    kind: T,
    fits?: (event: Kind<T>) => boolean,
    from?: number,
    within?: number,
  ): Promise<Kind<T>>;
  /** A line on its standard input: press, hang-up, quit. */
  type(line: string): void;
  /** Resolves when the process has ended by itself, or was stopped. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
  /** Ends it without a word to anyone. */
  kill(): void;
}

const program = fileURLToPath(new URL("../../station/main.ts", import.meta.url));

/** Starts it with these words and options. What a test waits for must come within 15 s, unless it says otherwise. */
export function startReferenceStation(args: readonly string[], environment: StationEnvironment): ReferenceStation {
  const child = spawn(process.execPath, [program, ...args, "--json"], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const events: Told[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    events.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  child.stdin.on("error", () => undefined); // it ended: its events tell
  return {
    events,
    ended,
    told<T extends StationEvent["event"]>(
      kind: T,
      fits: (event: Kind<T>) => boolean = () => true,
      from = 0,
      within = 15_000,
    ) {
      const isIt = (event: Told): event is Kind<T> => event.event === kind;
      return new Promise<Kind<T>>((resolve, reject) => {
        const look = () => {
          const found = events.slice(from).filter(isIt).find(fits);
          if (!found) return;
          waiting.delete(look);
          clearTimeout(patience);
          resolve(found);
        };
        const patience = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`the station did not tell ${kind} within ${within} ms; told: ${JSON.stringify(events)}`));
        }, within);
        waiting.add(look);
        look();
      });
    },
    type: (line) => void child.stdin.write(`${line}\n`),
    kill: () => void child.kill("SIGKILL"),
    async stop() {
      child.kill("SIGTERM");
      const insist = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await ended;
      clearTimeout(insist);
    },
  };
}
