/** Keeps the station's clock right: asks the cloud's time server at the start and every hour, and says what it does not believe. */
import { setTimeout } from "node:timers/promises";
import type { Reporter } from "../events.ts";
import { askTime, KissOfDeath, type TimeServer } from "./ask-time.ts";
import type { StationClock } from "./clock.ts";

export interface TimeKeeping {
  clock: StationClock;
  server: TimeServer;
  /** What time it is by somebody else, who can't be forged along with the server. Undefined: they don't say. */
  witness(): Promise<number | undefined>;
  report: Reporter;
}

/** When to ask again: in an hour, soon, or never, since the server said so (RFC 5905 §7.4). */
export type Again = "ordinary" | "soon" | "never";

/** Milliseconds. RFC 4330 §10: never sooner than 15 s, and ever later while nothing comes. */
const pauses = { soon: 15_000, ordinary: 60 * 60_000 };

/** Asks once, and sets the clock by the answer if that is to be believed. */
export async function putRight({ clock, server, witness, report }: TimeKeeping): Promise<Again> {
  try {
    const said = await askTime(server, clock.now());
    const off = said() - clock.now();
    let verdict = clock.set(said());
    if (!verdict.take && verdict.reason === "not-witnessed") {
      const seen = await witness().catch(() => undefined);
      verdict = clock.set(said(), seen);
    }
    if (verdict.take) report({ event: "time", off: Math.round(off) });
    else report({ event: "time-refused", why: verdict.reason, offered: Math.round(said()) });
    return verdict.take ? "ordinary" : "soon";
  } catch (error) {
    report({ event: "time-away", reason: error instanceof Error ? error.message : "unknown" });
    if (!(error instanceof KissOfDeath)) return "soon";
    return error.code === "DENY" || error.code === "RSTR" ? "never" : "ordinary";
  }
}

/** Begins at once and goes on until the process ends, which it does not keep alive. */
export async function keepTime(keeping: TimeKeeping): Promise<void> {
  for (let failures = 0; ; ) {
    const again = await putRight(keeping);
    if (again === "never") return;
    failures = again === "soon" ? failures + 1 : 0;
    const pause = failures > 0 ? Math.min(pauses.ordinary, pauses.soon * 2 ** failures) : pauses.ordinary;
    // Half of it is left to chance, so that a building does not come in step.
    await setTimeout(pause * (0.5 + Math.random() / 2), undefined, { ref: false });
  }
}
