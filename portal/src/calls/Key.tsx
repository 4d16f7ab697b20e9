import { useKept } from "../kept.ts";
import styles from "./Key.module.css";
import { letterKeys } from "./keys.ts";

/** A key's hint on a button. Drawn on wide screens with a mouse only; the button itself says it in `aria-keyshortcuts`. */
export function Key(props: {
  children: string | number;
  tone?: "on-fill";
  /** Goes with Ctrl: also where single letters are off. */
  always?: boolean;
}) {
  const { children, tone, always } = props;
  const letters = useKept(letterKeys) === "on";
  if (!letters && !always && `${children}`.length === 1) return null;
  return (
    <kbd className={styles.key} data-tone={tone} aria-hidden>
      {children}
    </kbd>
  );
}
