import { useEffect } from "react";

/** Puts an element of the page, by its id, out of reach of keys, pointer and screen readers while something lies over it. */
export function useInert(id: string, active: boolean): void {
  useEffect(() => {
    const element = document.getElementById(id);
    if (!active || !element) return;
    element.inert = true;
    return () => {
      element.inert = false;
    };
  }, [id, active]);
}
