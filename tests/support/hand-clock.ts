/** A clock whose hands a test turns. */
import type { Clock } from "#media-nodes/sip-gateway/sip/clock.ts";

export interface HandClock extends Clock {
  /** Lets time pass; what is due runs in order, at its own moment. Milliseconds. */
  advance(milliseconds: number): void;
  /** How many timers wait: none should be left where all is over. */
  waiting(): number;
}

export function handClock(): HandClock {
  let now = 0;
  const timers = new Set<{ at: number; work: () => void }>();
  return {
    now: () => now,
    after(milliseconds, work) {
      const timer = { at: now + milliseconds, work };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(milliseconds) {
      const until = now + milliseconds;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers.delete(next);
        now = next.at;
        next.work();
      }
      now = until;
    },
    waiting: () => timers.size,
  };
}
