import {
  IconBellRinging,
  IconLock,
  IconLockOpen,
  IconPhone,
  IconPlugConnected,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Status } from "../design/StatusDot.tsx";
import { running, sameDay, useFormat } from "../i18n/format.ts";
import { useNow } from "../live/hooks.ts";
import styles from "./DoorTile.module.css";
import { type DoorView, pace } from "./door-view.ts";

/** The dot beside a door's name. */
export function dotOf(view: DoorView): Status {
  switch (view.kind) {
    case "ringing":
      return "ringing";
    case "talking":
      return "in-call";
    case "open":
      return "open";
    case "offline":
      return "offline";
    case "asking":
      return "online";
    case "rest":
      return view.contact === "open" ? "open" : "online";
  }
}

/** A door's state in words, over its picture. */
export function DoorChip({ view }: { view: DoorView }) {
  const { t } = useTranslation("doors");
  const format = useFormat();
  const now = useNow(pace(view));
  const icon = { size: 14, stroke: 1.75, "aria-hidden": true };
  switch (view.kind) {
    case "ringing":
      return chip("ring", <IconBellRinging {...icon} />, t("tile.ringing", { time: running(now - view.since) }));
    case "talking":
      return chip("over", <IconPhone {...icon} />, t("tile.inCall", { time: running(now - view.since) }));
    case "open":
      return chip(
        "door",
        <IconLockOpen {...icon} />,
        view.seconds === undefined ? t("tile.openNow") : t("tile.open", { seconds: view.seconds }),
      );
    case "asking":
      return chip("over", <IconLock {...icon} />, t("tile.asking"));
    case "offline": {
      const time = sameDay(view.since, now)
        ? format.clock(view.since)
        : `${format.date(view.since)}, ${format.clock(view.since)}`;
      return chip("over", <IconPlugConnectedX {...icon} />, t("tile.offlineSince", { time }));
    }
    case "rest":
      if (view.contact === "open") return chip("door", <IconLockOpen {...icon} />, t("tile.contactOpen"));
      if (view.contact === "closed") return chip("over", <IconLock {...icon} />, t("tile.closed"));
      return chip("over", <IconPlugConnected {...icon} />, t("tile.online"));
  }
}

function chip(tone: "over" | "ring" | "door", icon: ReactNode, words: string) {
  return (
    <span className={styles.state} data-tone={tone}>
      {icon}
      {words}
    </span>
  );
}
