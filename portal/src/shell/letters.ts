/** The single-letter keys of the pages. Those of ringing and talking are the calls' own. */
import { useLive } from "../live/hooks.ts";

/** Whether the page under the calls may take keys: no ring sheet and no call lies over it. */
export function usePageHasKeys(): boolean {
  const { rings, call } = useLive();
  const front = rings[0];
  return !(front && !front.small) && !(call && call.phase !== "ended");
}
