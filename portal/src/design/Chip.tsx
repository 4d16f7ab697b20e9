import type { ReactNode } from "react";
import styles from "./Chip.module.css";

export type ChipTone = "plain" | "door" | "talk" | "ring" | "stop";

/** A word for a state, on its soft ground. */
export function Chip({ tone = "plain", icon, children }: { tone?: ChipTone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={styles.chip} data-tone={tone}>
      {icon}
      {children}
    </span>
  );
}
