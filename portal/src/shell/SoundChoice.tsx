import { Button, SegmentedControl, Slider } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useKept } from "../kept.ts";
import { useAvailability } from "../live/hooks.ts";
import { ringSounds } from "../live/ring-tones.ts";
import { leastVolume, playPreview, ringSound, setVolume, volume } from "../live/sound.ts";
import styles from "./AccountMenu.module.css";
import { Choice } from "./Choice.tsx";

let stopPreview: (() => void) | undefined;

/** How the ring sounds in this browser, and how loud. Every change is heard; that click also turns the sound on. */
export function SoundChoice() {
  const { t } = useTranslation("shell");
  const { sound, turnSoundOn } = useAvailability();
  const chosen = useKept(ringSound);
  const [level, setLevel] = useState(volume);
  const hear = async () => {
    stopPreview?.();
    if (sound === "on" || (await turnSoundOn())) stopPreview = playPreview();
  };
  return (
    <>
      <Choice label={t("account.ring")}>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t("account.ring")}
          value={chosen}
          onChange={(value) => {
            ringSound.set(ringSounds.find((one) => one === value) ?? "soft");
            void hear();
          }}
          data={ringSounds.map((value) => ({ value, label: t(`account.ringSound.${value}`) }))}
        />
      </Choice>
      <Choice label={t("account.volume")}>
        <div className={styles.volume}>
          <Slider
            color="ink"
            size="sm"
            min={leastVolume * 100}
            max={100}
            step={5}
            label={(value) => `${value} %`}
            thumbLabel={t("account.volume")}
            value={Math.round(level * 100)}
            onChange={(value) => {
              setLevel(value / 100);
              setVolume(value / 100);
            }}
            onChangeEnd={() => void hear()}
          />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerPlay size={14} stroke={1.75} aria-hidden />}
            onClick={() => void hear()}
          >
            {t("account.hear")}
          </Button>
        </div>
      </Choice>
    </>
  );
}
