import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useKeys } from "../calls/keys.ts";
import { usePageHasKeys } from "./letters.ts";

/** How long after `G` the second letter may come. Milliseconds. */
const chordTime = 1_500;

/** `G` then `D`, `H` or `C` goes to a page; `?` shows the keys. */
export function useShortcuts(showKeys: () => void): void {
  const navigate = useNavigate();
  const active = usePageHasKeys();
  const since = useRef(Number.NEGATIVE_INFINITY);
  useKeys(active, (key) => {
    const chord = performance.now() - since.current < chordTime;
    since.current = Number.NEGATIVE_INFINITY;
    if (chord && key === "d") return go(() => navigate({ to: "/" }));
    if (chord && key === "h") return go(() => navigate({ to: "/history" }));
    if (chord && key === "c") return go(() => navigate({ to: "/check" }));
    if (key === "g") {
      since.current = performance.now();
      return true;
    }
    if (key === "?") {
      showKeys();
      return true;
    }
    return false;
  });
  // A letter pressed after leaving the window and coming back belongs to nothing.
  useEffect(() => {
    const forget = () => {
      since.current = Number.NEGATIVE_INFINITY;
    };
    window.addEventListener("blur", forget);
    return () => window.removeEventListener("blur", forget);
  }, []);
}

function go(navigate: () => Promise<void>): boolean {
  void navigate();
  return true;
}
