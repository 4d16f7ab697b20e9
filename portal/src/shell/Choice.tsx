import type { ReactNode } from "react";
import styles from "./AccountMenu.module.css";

/** One choice of the account menu under its name. */
export function Choice({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.choice}>
      <span>{label}</span>
      {children}
    </div>
  );
}
