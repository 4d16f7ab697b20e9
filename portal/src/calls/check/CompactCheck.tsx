import { Button } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconMicrophone, IconVolume } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useAvailability } from "../../live/hooks.ts";
import styles from "./CompactCheck.module.css";
import { isGood } from "./checks.ts";
import { useChecks } from "./use-checks.ts";
import { wordsOf } from "./words.ts";

/** One line for the first run: microphone and sound, before the first ring. A press also turns the sound on. */
export function CompactCheck() {
  const { t } = useTranslation("calls");
  const checks = useChecks();
  const { turnSoundOn, sound } = useAvailability();
  const microphone = checks.results.microphone;
  const busy = checks.running.size > 0;
  const words = microphone && wordsOf(t, microphone);
  return (
    <div className={styles.line}>
      <span className={styles.item} data-good={sound === "on" || undefined}>
        {sound === "on" ? <IconCircleCheck size={16} stroke={1.75} /> : <IconVolume size={16} stroke={1.75} />}
        {t("check.sound.name")}: {t(sound === "on" ? "check.state.ok" : "check.state.waiting")}
      </span>
      <span
        className={styles.item}
        data-good={isGood(microphone) || undefined}
        data-bad={(microphone && !isGood(microphone)) || undefined}
      >
        {microphone ? (
          isGood(microphone) ? (
            <IconCircleCheck size={16} stroke={1.75} />
          ) : (
            <IconCircleX size={16} stroke={1.75} />
          )
        ) : (
          <IconMicrophone size={16} stroke={1.75} />
        )}
        {words ? words.found : `${t("check.microphone.name")}: ${t("check.state.waiting")}`}
      </span>
      <Button
        size="compact-sm"
        variant="default"
        loading={busy}
        onClick={async () => {
          await turnSoundOn();
          await checks.run("microphone");
        }}
      >
        {t(microphone ? "check.again" : "check.all")}
      </Button>
    </div>
  );
}
