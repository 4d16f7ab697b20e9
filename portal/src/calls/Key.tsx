import type { ReactNode } from "react";
import styles from "./Key.module.css";

/** A key's hint on a button. Drawn on wide screens with a mouse only; the button itself says it in `aria-keyshortcuts`. */
export function Key({ children, tone }: { children: ReactNode; tone?: "on-fill" }) {
  return (
    <kbd className={styles.key} data-tone={tone} aria-hidden>
      {children}
    </kbd>
  );
}
