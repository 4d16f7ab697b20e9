/** How many messages a peer may send. What is more is not read yet: it waits on the peer's side of the connection. */
import type { Clock } from "./clock.ts";

export interface Allowance {
  /** So many at once, after a silence. */
  burst: number;
  perSecond: number;
}

/** A call with everything in it is some twenty messages. */
export const usualAllowance: Allowance = { burst: 200, perSecond: 50 };

export interface Counter {
  /** One was read. */
  count(): void;
  /** How long to read nothing, since there were too many. Milliseconds; 0: read on. */
  rest(): number;
}

export function newCounter({ burst, perSecond }: Allowance, clock: Clock): Counter {
  let left = burst;
  let at = clock.now();
  return {
    count() {
      left -= 1;
    },
    rest() {
      const now = clock.now();
      left = Math.min(burst, left + ((now - at) * perSecond) / 1_000);
      at = now;
      return left < 0 ? Math.ceil((-left * 1_000) / perSecond) : 0;
    },
  };
}
