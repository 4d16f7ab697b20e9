import { type ReactNode, useId } from "react";
import { AddButton, type Adding } from "../design/AddButton.tsx";
import styles from "./Person.module.css";

interface PartProps {
  title: string;
  /** What can be added here. Absent: nothing, or not by this person. */
  add: Adding | undefined;
  children: ReactNode;
}

/** A part of what is said about a person or a team. */
export function Part({ title, add, children }: PartProps) {
  const heading = useId();
  return (
    <section className={styles.part} aria-labelledby={heading}>
      <div className={styles.partTop}>
        <h3 id={heading}>{title}</h3>
        {add && <AddButton {...add} />}
      </div>
      {children}
    </section>
  );
}
