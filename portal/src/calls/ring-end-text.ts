import type { TFunction } from "i18next";
import type { Ring } from "../live/state.ts";

/** Why a ring is over, in words. */
export function ringEndText(t: TFunction<"calls">, ring: Ring): string {
  const ended = ring.ended;
  if (ended?.by) return t("ring.ended.by", { name: ended.by });
  switch (ended?.reason) {
    case "answered-elsewhere":
      return t("ring.ended.elsewhere");
    case "caller-left":
    case "declined":
    case "no-answer":
      return t(`ring.ended.${ended.reason}`);
    default:
      return t("ring.ended.other");
  }
}
