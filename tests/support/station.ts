/** The reference station as a process of its own, told by lines and telling by JSON lines. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { StationEvent } from "../../station/events.ts";

const script = fileURLToPath(new URL("../../station/main.ts", import.meta.url));

export type Told = StationEvent & { at: number };
type EventOf<Name extends StationEvent["event"]> = Extract<Told, { event: Name }>;

export interface StationProcess {
  press(): void;
  hangUp(): void;
  events(): readonly Told[];
  /** The first event of that name that `matches`, after the `after`th event; what came before the asking counts. */
  told<Name extends StationEvent["event"]>(
    name: Name,
    options?: { matches?: (event: EventOf<Name>) => boolean; after?: number; within?: number },
  ): Promise<EventOf<Name>>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a station that stays registered. `options` as on its command line, `dataDir` and `sipPort` of the platform. */
export function startStation(platform: { dataDir: string; sipPort: number }, options: string[] = []): StationProcess {
  const child = spawn(process.execPath, [script, "listen", "--json", ...options], {
    env: { ...process.env, DATA_DIR: platform.dataDir, SIP_PORT: String(platform.sipPort) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const events: Told[] = [];
  const waiting = new Set<() => void>();
  let complaints = "";
  child.stderr.on("data", (text: Buffer) => {
    complaints += text;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    events.push(JSON.parse(line));
    for (const wake of [...waiting]) wake();
  });
  const stop = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  return {
    press: () => child.stdin.write("press\n"),
    hangUp: () => child.stdin.write("hang-up\n"),
    events: () => events,
    told: (name, { matches = () => true, after = 0, within = 15_000 } = {}) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = events
            .slice(after)
            .find(
              (event): event is EventOf<typeof name> => event.event === name && matches(event as EventOf<typeof name>),
            );
          if (!found) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(
            new Error(
              `the station did not tell "${name}" within ${within} ms; it told ${JSON.stringify(events.slice(-12))} ${complaints}`,
            ),
          );
        }, within);
        waiting.add(look);
        look();
      }),
    kill: () => stop("SIGKILL"),
    stop: () => stop("SIGTERM"),
  };
}
