/** @returns a function that stops it */
export type Beat = (every: number, call: () => void) => () => void;

/**
 * A timer that keeps time in a hidden tab. Browsers slow the timers of a tab hidden for five minutes to one a minute,
 * but not those of its workers; an operator whose tab lies behind others must stay reachable.
 */
export const workerBeat: Beat = (every, call) => {
  const worker = new Worker(new URL("./heartbeat.worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = call;
  worker.postMessage(every);
  return () => worker.terminate();
};
