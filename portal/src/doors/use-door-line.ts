import { useTranslation } from "react-i18next";
import type { Door } from "#core/messages/portal-api.ts";
import { sameDay, useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import type { DoorView } from "./door-view.ts";

/** One line under a door's name: what happens at it, else what happened last. */
export function useDoorLine(door: Door, view: DoorView): string {
  const { t } = useTranslation("doors");
  const format = useFormat();
  const { user } = useMe();
  switch (view.kind) {
    case "ringing": {
      if (!view.ring) return t("tile.ringsOthers");
      const own = view.ring.legId;
      const others = view.ring.receivers.filter(
        (one) => one.legId !== own && (one.fate === "rang" || one.fate === "told"),
      ).length;
      return others === 0 ? t("tile.rings") : t("tile.ringsMore", { count: others });
    }
    case "talking":
      if (view.you) return t("tile.talkingYou");
      return view.with ? t("tile.talkingWith", { name: view.with }) : t("tile.talking");
    case "open":
      if (view.you) return t("tile.openedYou");
      return view.by ? t("tile.openedBy", { name: view.by }) : t("tile.openNow");
    case "offline":
      return t("tile.offlineText");
    case "asking":
    case "rest":
      return last();
  }

  function last(): string {
    if (!door.last) return t("tile.quiet");
    const { at, outcome, answeredBy } = door.last;
    const time = sameDay(at, Date.now()) ? format.clock(at) : `${format.date(at)}, ${format.clock(at)}`;
    switch (outcome) {
      case "answered":
        if (!answeredBy) return t("tile.answeredSome", { time });
        return answeredBy === user.name
          ? t("tile.answeredYou", { time })
          : t("tile.answered", { name: answeredBy, time });
      case "missed":
        return t("tile.missed", { time });
      case "placed":
        return t("tile.placed", { time });
      case "broken":
        return t("tile.broken", { time });
    }
  }
}
