import { useEffect } from "react";
import { useKeys } from "../calls/keys.ts";
import { usePageHasKeys } from "./letters.ts";

/** `J` and `K` move through a list whose rows carry their id as `data-row`, and the details follow. */
export function useMoving(ids: readonly string[], selected: string | undefined, go: (id: string) => void): void {
  const active = usePageHasKeys();
  useKeys(active && ids.length > 0, (key) => {
    if (key !== "j" && key !== "k") return false;
    const at = selected === undefined ? -1 : ids.indexOf(selected);
    const next = ids[key === "j" ? at + 1 : at - 1];
    if (next) go(next);
    return true;
  });
  useEffect(() => {
    if (selected) document.querySelector(`[data-row="${CSS.escape(selected)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [selected]);
}
