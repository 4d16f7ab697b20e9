import { Button } from "@mantine/core";
import { IconMicrophone } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { isGood } from "../calls/check/checks.ts";
import { useChecks } from "../calls/check/use-checks.ts";
import { Level } from "../calls/Level.tsx";
import { useMicrophone } from "../calls/use-microphone.ts";
import { useAvailability } from "../live/hooks.ts";
import styles from "./FirstRun.module.css";

/** Microphone and sound, tried before the first ring. The press also turns the sound on. */
export function SoundLine() {
  const { t } = useTranslation("doors");
  const permission = useMicrophone();
  const checks = useChecks();
  const { sound, turnSoundOn } = useAvailability();
  const { microphone } = checks.results;
  const listening = checks.running.has("microphone");
  const works = sound === "on" && isGood(microphone);
  return (
    <div className={styles.sound}>
      <IconMicrophone size={16} stroke={1.75} aria-hidden />
      {t("first.devices")}
      <span
        className={styles.result}
        data-tone={works ? "talk" : state() === "untested" ? "plain" : "stop"}
        role="status"
      >
        {(works || listening) && <Level value={listening ? checks.level : 0.75} />}
        {t(listening ? "first.listening" : `first.${state()}`)}
      </span>
      <Button
        size="xs"
        h={32}
        variant="default"
        loading={listening}
        onClick={async () => {
          await turnSoundOn();
          await checks.run("microphone");
        }}
      >
        {t("first.test")}
      </Button>
    </div>
  );

  function state(): "works" | "soundOff" | "microphoneOff" | "quiet" | "untested" {
    if (works) return "works";
    if (microphone?.outcome === "quiet") return "quiet";
    if ((microphone && !isGood(microphone)) || permission === "refused") return "microphoneOff";
    return sound === "silent" && microphone ? "soundOff" : "untested";
  }
}
