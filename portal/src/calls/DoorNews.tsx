import { IconLock, IconLockOpen } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { DoorCommand } from "../live/state.ts";
import styles from "./DoorNews.module.css";
import { clock } from "./times.ts";

/** How long what a door said stays on the stage. Milliseconds. */
const shown = 20_000;

/** What the door said, when, and who asked it. */
export function DoorNews({ command, name, now }: { command: DoorCommand; name: string; now: number }) {
  const { t, i18n } = useTranslation("calls");
  if (now > command.at + shown) return null;
  const time = clock(command.at, i18n.language);
  const by = command.mine || !command.by ? t("call.door.you") : command.by;
  const [state, title, detail] = ((): [string, string, string] => {
    switch (command.state) {
      case "asking":
      case "sent":
        return ["asking", t("call.door.asking"), t("call.door.askingDetail", { time, name: by })];
      case "failed":
        return ["failed", t("call.door.failed", { door: name }), t("call.door.failedDetail", { time })];
      case "refused":
        return ["failed", t("call.door.refused", { door: name }), t("call.door.refusedDetail")];
      default:
        return ["opened", t("call.door.opened", { door: name }), t("call.door.openedDetail", { time, name: by })];
    }
  })();
  return (
    <div className={styles.card} data-state={state}>
      <span className={styles.icon} aria-hidden>
        {state === "opened" ? <IconLockOpen size={16} stroke={2} /> : <IconLock size={16} stroke={2} />}
      </span>
      <p>
        <strong>{title}</strong>
        <span>{detail}</span>
      </p>
    </div>
  );
}
