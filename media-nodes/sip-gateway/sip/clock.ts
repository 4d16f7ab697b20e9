/** Time as the SIP layer sees it, so that a test can turn its hands. Milliseconds. */
export interface Clock {
  now(): number;
  /** Runs `work` once, after so many milliseconds; the returned function calls it off. */
  after(milliseconds: number, work: () => void): () => void;
}

/** Of what is longer Node's timers run at once: a peer that wishes for a session of centuries would be refreshed without a pause. */
const longestTimer = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, work) => {
    const timer = setTimeout(work, Math.min(milliseconds, longestTimer));
    return () => clearTimeout(timer);
  },
};

/** RFC 3261 §17.1.1.1: the round-trip estimate, 500 ms. */
export const T1 = 500;
/** The longest a transaction waits: RFC 3261's timers B, F, H and RFC 6026's L and M. */
export const transactionTime = 64 * T1;
