/** When the page draws what changed outside React. In a call the page's time belongs to the sound first. */
import { startTransition, useCallback, useEffect, useRef, useState } from "react";

/** Who answers sees the stage after this long at the latest, and hears and is heard before. Milliseconds. */
const patience = 250;

let held: Promise<unknown> | undefined;

/** Draws nothing until then: what comes in meanwhile has the page for itself. */
export function holdDrawing(until: Promise<unknown>): void {
  const limit = new Promise((resolve) => setTimeout(resolve, patience));
  const mine = Promise.race([until, limit]).finally(() => {
    if (held === mine) held = undefined;
  });
  held = mine;
}

/**
 * What `get` says, drawn in steps between which the browser handles what comes in. (`useSyncExternalStore` draws a change in one
 * piece, for which a microphone that is to be published has to wait.)
 */
export function useFollowed<T>(subscribe: (call: () => void) => () => void, get: () => T): T {
  const [value, setValue] = useState(get);
  const newest = useRef(get);
  const follow = useCallback(() => {
    const draw = () => {
      const now = newest.current();
      startTransition(() => setValue(() => now));
    };
    void (held ? held.then(draw) : draw());
  }, []);
  // What is written in place is another function at each drawing. It is asked then, but nothing is subscribed anew for it.
  useEffect(() => {
    newest.current = get;
    follow();
  }, [get, follow]);
  useEffect(() => subscribe(follow), [subscribe, follow]);
  return value;
}
