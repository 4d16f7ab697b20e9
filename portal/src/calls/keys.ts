/** Single-letter keys: only outside text fields, only without Ctrl, Alt or Meta. */
import { useEffect, useRef } from "react";

/** True while a press of a letter belongs to a text field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
}

/** The letter of a plain key press, lower case, or the key's name (`Escape`); undefined if it is not ours to take. */
export function plainKey(event: KeyboardEvent): string | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || isTyping(event.target)) return undefined;
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/**
 * Calls `onKey` for plain key presses, before anything else on the page; what it returns `true` for goes no further.
 * Presses in the first `deaf` milliseconds are swallowed: they were meant for what was there before.
 */
export function useKeys(active: boolean, onKey: (key: string, event: KeyboardEvent) => boolean, deaf = 0): void {
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => {
    if (!active) return;
    const from = performance.now() + deaf;
    const onDown = (event: KeyboardEvent) => {
      const key = plainKey(event);
      if (key === undefined) return;
      const early = performance.now() < from;
      if (early ? deaf > 0 && (key.length === 1 || key === "Enter" || key === "Escape") : latest.current(key, event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    window.addEventListener("keydown", onDown, true);
    return () => window.removeEventListener("keydown", onDown, true);
  }, [active, deaf]);
}
