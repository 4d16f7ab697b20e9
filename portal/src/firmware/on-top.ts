/** Which rollouts stand on top of a page: those that go on or want somebody's hand. */
import { together } from "#core/firmware/rollout.ts";
import type { RolloutShown } from "#core/messages/firmware-api.ts";

/**
 * One that goes on, one that waits for a decision, and one that stopped by itself until another of the same hardware took its
 * place. What is done is looked at as long as devices are still on their way.
 */
export function isOnTop(one: RolloutShown, all: readonly RolloutShown[]): boolean {
  const { state, reason, steps } = one;
  if (state === "running" || state === "awaits-approval" || state === "paused") return true;
  if (state === "done") return together(steps.map((step) => ({ ...step, endedAt: null }))).underWay > 0;
  const isNewest = all.find(({ model, revision }) => model === one.model && revision === one.revision) === one;
  return state === "stopped" && reason === "failures" && isNewest;
}
