import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "./clock.ts";
import { refreshAfter } from "./session-timer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what is due in centuries is not done at once: a session's refresh, as a station may wish it", () => {
  const refresh = vi.fn();
  systemClock.after(refreshAfter(999_999_999), refresh);
  vi.advanceTimersByTime(24 * 3_600_000);
  expect(refresh).not.toHaveBeenCalled();
});
