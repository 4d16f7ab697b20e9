/**
 * Single-letter keys: only outside text fields, only without Ctrl, Alt or Meta, and only as long as the person wants them:
 * who speaks to the computer, or presses keys by accident, switches them off (WCAG 2.1.4).
 */
import { useEffect, useRef } from "react";
import { keep, useKept } from "../kept.ts";

/** Whether letters, digits and signs are keys. Escape, Enter and what goes with Ctrl always work. */
export const letterKeys = keep("letter-keys", ["on", "off"], "on");

/** `aria-keyshortcuts` of a button that a letter presses: nothing while the letters are off. */
export function useShortcut(): (key: string) => string | undefined {
  const on = useKept(letterKeys) === "on";
  return (key) => (on ? key : undefined);
}

/** True while a press of a letter belongs to a text field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
}

/** The letter of a plain key press, lower case, or the key's name (`Escape`); undefined if it is not ours to take. */
export function plainKey(event: KeyboardEvent): string | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || isTyping(event.target)) return undefined;
  if (event.key.length > 1) return event.key;
  return letterKeys.get() === "on" ? event.key.toLowerCase() : undefined;
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
