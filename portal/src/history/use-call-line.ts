import { useTranslation } from "react-i18next";
import type { CallSummary } from "#core/messages/portal-api.ts";
import { lasted } from "../i18n/format.ts";

/** One line that says what became of a call. */
export function useCallLine(): (call: CallSummary) => string {
  const { t } = useTranslation("history");
  return (call) => {
    const rang = lasted((call.answeredAt ?? call.endedAt) - call.startedAt);
    const talked = call.answeredAt === undefined ? undefined : lasted(call.endedAt - call.answeredAt);
    switch (call.outcome) {
      case "answered": {
        const parts = [t("line.rang", { lasted: rang })];
        if (talked) parts.push(t("line.talked", { lasted: talked }));
        if (call.openedBy) parts.push(t("line.opened"));
        return parts.join(", ");
      }
      case "missed":
        if (call.reason === "caller-left") return t("line.left", { lasted: rang });
        if (call.reason === "nobody-available") return t("line.nobody");
        if (call.reason === "declined") return t("line.declined", { lasted: rang });
        return [t("line.rang", { lasted: rang }), t("line.people", { count: call.receivers })].join(", ");
      case "broken":
        return t("line.broken", { lasted: lasted(call.endedAt - call.startedAt) });
      case "placed":
        if (!talked) return t("line.placedMissed", { lasted: rang });
        return [t("line.placedTalked", { lasted: talked }), ...(call.openedBy ? [t("line.opened")] : [])].join(", ");
    }
  };
}
