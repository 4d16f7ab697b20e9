import type { ReactNode } from "react";
import styles from "./States.module.css";

/** What will be here, and the one next step, if there is one. */
export function EmptyState(props: { icon?: ReactNode; title: string; text?: string; next?: ReactNode }) {
  return (
    <div className={styles.state}>
      {props.icon && (
        <span className={styles.icon} aria-hidden>
          {props.icon}
        </span>
      )}
      <p className={styles.title}>{props.title}</p>
      {props.text && <p className={styles.text}>{props.text}</p>}
      {props.next && <div className={styles.next}>{props.next}</div>}
    </div>
  );
}
