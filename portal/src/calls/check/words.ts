import type { TFunction } from "i18next";
import type { CheckResult } from "./checks.ts";

/** A result in words: what was found, and what to do if that is not good. */
export function wordsOf(t: TFunction<"calls">, result: CheckResult): { found: string; mend?: string } {
  if (result.outcome === "insecure") return { found: t("check.insecure"), mend: t("check.secure.mend") };
  switch (result.check) {
    case "secure":
      return result.outcome === "ok"
        ? { found: t("check.secure.ok") }
        : { found: t("check.secure.failed"), mend: t("check.secure.mend") };
    case "microphone":
      if (result.outcome === "ok") return { found: t("check.microphone.ok", { device: result.device }) };
      if (result.outcome === "quiet") {
        return { found: t("check.microphone.quiet", { device: result.device }), mend: t("check.microphone.mendQuiet") };
      }
      return {
        found: t(`check.microphone.${result.outcome}`),
        mend: t(`check.microphone.${mendKey(result.outcome)}`),
      };
    case "camera":
      if (result.outcome === "ok") return { found: t("check.camera.ok", { device: result.device }) };
      return { found: t(`check.camera.${result.outcome}`), mend: t(`check.camera.${mendKey(result.outcome)}`) };
    case "sound":
      if (result.outcome === "ok" || result.outcome === "ask") return { found: t(`check.sound.${result.outcome}`) };
      return {
        found: t(`check.sound.${result.outcome}`),
        mend: t(result.outcome === "blocked" ? "check.sound.mendBlocked" : "check.sound.mendFailed"),
      };
    case "notifications":
      if (result.outcome === "ok" || result.outcome === "ask") {
        return { found: t(`check.notifications.${result.outcome}`) };
      }
      return {
        found: t(`check.notifications.${result.outcome}`),
        mend: t(result.outcome === "refused" ? "check.notifications.mendRefused" : "check.notifications.mendMissing"),
      };
    case "udp":
      if (result.outcome === "ok") return { found: t("check.udp.ok") };
      return {
        found: t(`check.udp.${result.outcome}`),
        mend: t(result.outcome === "failed" ? "check.udp.mend" : "check.udp.mendUnavailable"),
      };
  }
}

const mendKey = (fault: "refused" | "missing" | "busy") =>
  (({ refused: "mendRefused", missing: "mendMissing", busy: "mendBusy" }) as const)[fault];
