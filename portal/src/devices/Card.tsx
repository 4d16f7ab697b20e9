import { type ReactNode, useId } from "react";
import { AddButton, type Adding } from "../design/AddButton.tsx";
import styles from "./Device.module.css";

interface CardProps {
  title: string;
  beside?: ReactNode;
  /** What can be added here, and how. Absent: nothing, or not by this person. */
  add?: Adding | undefined;
  children: ReactNode;
}

/** A part of a device's page. */
export function Card({ title, beside, add, children }: CardProps) {
  const heading = useId();
  return (
    <section className={styles.card} aria-labelledby={heading}>
      <div className={styles.cardTop}>
        <h2 id={heading}>{title}</h2>
        {beside}
        {add && <AddButton className={styles.add} {...add} />}
      </div>
      {children}
    </section>
  );
}
