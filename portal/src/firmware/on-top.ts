/** Which rollouts stand on top of a page: those that go on, and those that want somebody's hand. */
import { together } from "#core/firmware/rollout.ts";
import type { RolloutShown } from "#core/messages/firmware-api.ts";

/** How all of its devices are. */
export const allOf = ({ steps }: RolloutShown) => together(steps.map((step) => ({ ...step, endedAt: null })));

function isOnTop(one: RolloutShown, rollouts: readonly RolloutShown[]): boolean {
  const { state, reason, model, revision } = one;
  if (state === "done") return allOf(one).underWay > 0;
  if (state !== "stopped") return state !== "replaced";
  // Until another of the same hardware has taken its place. What goes on is the newest of its hardware, and comes first.
  const newest = rollouts.find((other) => other.model === model && other.revision === revision);
  return reason === "failures" && newest === one;
}

/** What went wrong comes first, then what waits for somebody. */
const urgency = ({ state }: RolloutShown): number =>
  state === "stopped" ? 0 : state === "awaits-approval" || state === "paused" ? 1 : 2;

/** The most urgent first. @param rollouts as the edge gives them */
export const topOf = (rollouts: readonly RolloutShown[]): RolloutShown[] =>
  rollouts.filter((one) => isOnTop(one, rollouts)).toSorted((one, other) => urgency(one) - urgency(other));
