/** Which rollouts stand on top of a page: those that go on, and those that want somebody's hand. */
import { together } from "#core/firmware/rollout.ts";
import type { RolloutShown } from "#core/messages/firmware-api.ts";

/** How all of its devices are. */
export const allOf = ({ steps }: RolloutShown) => together(steps.map((step) => ({ ...step, endedAt: null })));

function isOnTop(one: RolloutShown, rollouts: readonly RolloutShown[]): boolean {
  const { state, reason, model, revision } = one;
  if (state === "done") return allOf(one).underWay > 0;
  if (state !== "stopped") return state !== "replaced";
  // Until another of the same hardware has taken its place.
  const newest = rollouts.find((other) => other.model === model && other.revision === revision);
  return reason === "failures" && newest === one;
}

/** @param rollouts the newest first */
export const topOf = (rollouts: readonly RolloutShown[]): RolloutShown[] =>
  rollouts.filter((one) => isOnTop(one, rollouts));
