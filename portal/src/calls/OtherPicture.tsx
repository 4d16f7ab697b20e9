import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Key } from "./Key.tsx";
import { useShortcut } from "./keys.ts";
import { LiveVideo } from "./LiveVideo.tsx";
import styles from "./OtherPicture.module.css";
import type { Pictures } from "./use-pictures.ts";

/** The picture of the station's second camera, small over the first: pressing it swaps the two. */
export function OtherPicture({ pictures, corner }: { pictures: Pictures; corner: "top-left" | "bottom-right" }) {
  const { t } = useTranslation("calls");
  const shortcut = useShortcut();
  if (!pictures.other) return null;
  return (
    <UnstyledButton
      className={styles.other}
      data-at={corner}
      aria-label={t("other.swap")}
      title={t("other.swap")}
      aria-keyshortcuts={shortcut("P")}
      onClick={pictures.swap}
    >
      <LiveVideo track={pictures.other} label={t("other.picture")} snapshotLabel={t("other.picture")} />
      <span className={styles.key}>
        <Key>P</Key>
      </span>
    </UnstyledButton>
  );
}
