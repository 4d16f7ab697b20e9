import { IconAlertTriangle, IconPhone, IconPhoneOutgoing, IconPhoneX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { CallSummary } from "#core/messages/portal-api.ts";
import { Chip } from "../design/Chip.tsx";

/** How a call came out. `you`: the reader placed it. */
export function OutcomeChip({ call, you }: { call: CallSummary; you: boolean }) {
  const { t } = useTranslation("history");
  const icon = { size: 14, stroke: 1.75, "aria-hidden": true };
  switch (call.outcome) {
    case "answered":
      return (
        <Chip tone="talk" icon={<IconPhone {...icon} />}>
          {t("outcome.answered")}
        </Chip>
      );
    case "missed":
      return (
        <Chip tone="stop" icon={<IconPhoneX {...icon} />}>
          {t("outcome.missed")}
        </Chip>
      );
    case "broken":
      return (
        <Chip tone="stop" icon={<IconAlertTriangle {...icon} />}>
          {t("outcome.broken")}
        </Chip>
      );
    case "placed":
      return <Chip icon={<IconPhoneOutgoing {...icon} />}>{t(you ? "outcome.placed" : "outcome.placedOther")}</Chip>;
  }
}
