import { Button } from "@mantine/core";
import { IconVolumeOff, IconWifiOff } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAvailability, useLivePart, useNow } from "../live/hooks.ts";
import styles from "./SilentBar.module.css";
import { clock } from "./times.ts";

/** After this long without a connection the person is told. Shorter breaks mend themselves. Milliseconds. */
const offlinePatience = 3_000;

/** One bar at the top of every page, when calls would not be heard here: silent, offline, signed out. */
export function SilentBar() {
  const { t, i18n } = useTranslation("calls");
  const connection = useLivePart((state) => state.connection);
  const since = useLivePart((state) => state.since);
  const offset = useLivePart((state) => state.offset);
  const { wished, sound, turnSoundOn } = useAvailability();
  const talks = useLivePart((state) => state.call !== undefined && state.call.phase !== "ended");
  const [failed, setFailed] = useState(false);
  const long = useNow(1_000) - offset > since + offlinePatience;
  if (connection === "signed-out") {
    return (
      <div className={styles.bar} data-tone="stop" role="alert">
        <span>{t("silent.signedOut")}</span>
        <Button component="a" href="/sign-in" size="compact-sm" variant="default">
          {t("silent.signIn")}
        </Button>
      </div>
    );
  }
  if (connection === "offline") {
    if (!long) return null;
    return (
      <div className={styles.bar} data-tone="stop" role="alert">
        <IconWifiOff size={16} stroke={1.75} aria-hidden />
        <span>{t("silent.offline", { time: clock(since, i18n.language).slice(0, 5) })}</span>
      </div>
    );
  }
  // Who talks hears the call itself, and is not rung.
  if (sound !== "silent" || !wished || talks) return null;
  return (
    <div className={styles.bar} data-tone="ring" role="status">
      <IconVolumeOff size={16} stroke={1.75} aria-hidden />
      <span>
        <strong>{t("silent.title")}.</strong> {t(failed ? "silent.failed" : "silent.text")}
      </span>
      <Button
        size="compact-sm"
        color="ink"
        onClick={async () => {
          setFailed(!(await turnSoundOn()));
        }}
      >
        {t("silent.turnOn")}
      </Button>
    </div>
  );
}
