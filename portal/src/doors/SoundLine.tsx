import { Button } from "@mantine/core";
import { IconMicrophone } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMicrophone } from "../calls/use-microphone.ts";
import { useAvailability } from "../live/hooks.ts";
import styles from "./FirstRun.module.css";

/** Microphone and sound, tried before the first ring. */
export function SoundLine() {
  const { t } = useTranslation("doors");
  const microphone = useMicrophone();
  const { sound, turnSoundOn } = useAvailability();
  const test = useMutation({
    mutationFn: async () => {
      await turnSoundOn();
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) track.stop();
    },
  });
  const refused = microphone === "refused" || test.isError;
  const works = sound === "on" && (microphone === "ready" || test.isSuccess);
  const result = refused ? "microphoneOff" : works ? "works" : sound === "silent" ? "soundOff" : "untested";
  return (
    <div className={styles.sound}>
      <IconMicrophone size={16} stroke={1.75} aria-hidden />
      {t("first.devices")}
      <span
        className={styles.result}
        data-tone={works ? "talk" : result === "untested" ? "plain" : "stop"}
        role="status"
      >
        {works && (
          <span className={styles.bars} aria-hidden>
            <i style={{ height: 4 }} />
            <i style={{ height: 6 }} />
            <i style={{ height: 9 }} />
            <i style={{ height: 12 }} />
          </span>
        )}
        {t(`first.${result}`)}
      </span>
      <Button size="xs" h={32} variant="default" loading={test.isPending} onClick={() => test.mutate()}>
        {t("first.test")}
      </Button>
    </div>
  );
}
