/**
 * Counts the connections in a row that were ended without a word, which is how a certificate is refused that counts no more, and also
 * what is seen while somebody restarts: so it is said at the second of them, and then less and less often.
 */

const first = 2;
/** In the end it is said at each so many. */
const most = 64;

export function countTurnedAway(say: () => void): { again(): void; letIn(): void } {
  let times = 0;
  let saidAt = first;
  return {
    again() {
      times++;
      if (times < saidAt) return;
      saidAt += Math.min(saidAt, most);
      say();
    },
    letIn() {
      times = 0;
      saidAt = first;
    },
  };
}
