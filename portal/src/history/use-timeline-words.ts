import { useTranslation } from "react-i18next";
import { lasted } from "../i18n/format.ts";
import type { TimelineWhat } from "./timeline.ts";

/** A time line's sentences in the person's language: what happened, and below it what more is known. */
export function useTimelineWords(): (what: TimelineWhat) => { title: string; text?: string } {
  const { t, i18n } = useTranslation("history");
  /** Short times to a tenth: `0.3 s`. */
  const tenths = (duration: number) => {
    if (duration >= 10_000) return lasted(duration);
    return `${new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(duration / 1_000)} s`;
  };
  return (what) => {
    switch (what.kind) {
      case "pressed":
        return {
          title: t("timeline.pressed", { button: what.button }),
          text: t(what.snapshot ? "timeline.snapshot" : "timeline.noSnapshot"),
        };
      case "called":
        return { title: what.you ? t("timeline.calledYou") : t("timeline.called", { name: what.name }) };
      case "rang": {
        // What kind of device is worth a word only where there were several kinds.
        const mixed = what.receivers.some((one) => one.via !== what.receivers[0]?.via);
        const names = what.receivers.map(({ name, you, via }) => {
          if (mixed) return you ? t(`timeline.youDevice.${via}`) : t(`timeline.device.${via}`, { name });
          return you ? t("you") : name;
        });
        return {
          title: t("timeline.rang", { count: what.receivers.length }),
          text: new Intl.ListFormat(i18n.language, { type: "unit", style: "short" }).format(names),
        };
      }
      case "unreached":
        return unreached(what.fate, what.you ? t("you") : what.name);
      case "declined":
        return { title: what.you ? t("timeline.declinedYou") : t("timeline.declined", { name: what.name }) };
      case "answered": {
        const { name } = what;
        const named = what.via === "browser" ? t("timeline.answeredIn", { name }) : t("timeline.answered", { name });
        return {
          title: what.you && what.via === "browser" ? t("timeline.answeredYou") : named,
          text: what.others ? t("timeline.othersStopped") : undefined,
        };
      }
      case "station-answered":
        return { title: t("timeline.answeredStation") };
      case "door":
        return door(what);
      case "warned":
        return { title: t("timeline.warned"), text: t("timeline.warnedText") };
      case "ended":
        return {
          title: ended(what),
          text: what.talked === undefined ? undefined : t("timeline.talked", { lasted: lasted(what.talked) }),
        };
    }
  };

  function unreached(fate: "offline" | "not-allowed" | "told", name: string) {
    if (fate === "not-allowed") return { title: t("timeline.notAllowed", { name }) };
    if (fate === "told") return { title: t("timeline.told", { name }), text: t("timeline.toldText") };
    return { title: t("timeline.offline", { name }), text: t("timeline.offlineText") };
  }
  function door(what: Extract<TimelineWhat, { kind: "door" }>) {
    if (what.confirmedAfter === undefined) {
      return {
        title: what.you ? t("timeline.askedYou") : t("timeline.asked", { name: what.name }),
        text: what.failed
          ? t("timeline.refused", { reason: t(`timeline.reason.${what.failed}`) })
          : t("timeline.unconfirmed"),
      };
    }
    const after = tenths(what.confirmedAfter);
    return {
      title: what.you ? t("timeline.openedYou") : t("timeline.opened", { name: what.name }),
      text:
        what.openFor === undefined
          ? t("timeline.confirmed", { lasted: after })
          : t("timeline.confirmedClosed", { lasted: after, open: lasted(what.openFor) }),
    };
  }
  function ended(what: Extract<TimelineWhat, { kind: "ended" }>): string {
    if (what.reason !== "hung-up-by-person") return t(`timeline.ended.${what.reason}`, { name: "" });
    if (!what.by) return t("timeline.endedSomeone");
    return what.by.you ? t("timeline.endedYou") : t("timeline.ended.hung-up-by-person", { name: what.by.name });
  }
}
