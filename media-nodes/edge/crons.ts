/** Fires crons as the minutes pass: Miniflare fires none itself. */
import type { Clock } from "../sip-gateway/sip/clock.ts";
import { cronFires } from "./cron.ts";

const minute = 60_000;

/**
 * Calls `fire` at each minute for every expression that names it, with that minute's beginning (milliseconds since the epoch), until
 * the returned function is called. Minutes that passed while this process could not run are left out.
 */
export function fireCrons(
  crons: readonly string[],
  clock: Clock,
  fire: (cron: string, at: number) => void,
): () => void {
  let callOff = () => {};
  function waitFor(at: number): void {
    callOff = clock.after(Math.max(at - clock.now(), 0), () => {
      for (const cron of crons) if (cronFires(cron, at)) fire(cron, at);
      // A timer may go off a little early: what comes next is counted from the minute and not from the clock alone.
      waitFor(minuteAfter(Math.max(at, clock.now())));
    });
  }
  waitFor(minuteAfter(clock.now()));
  return () => callOff();
}

const minuteAfter = (moment: number): number => (Math.floor(moment / minute) + 1) * minute;
