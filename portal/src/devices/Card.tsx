import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import styles from "./Device.module.css";

interface CardProps {
  title: string;
  beside?: ReactNode;
  /** What can be added here, and how. Absent: nothing, or not by this person. */
  add?: { words: string; open: () => void } | undefined;
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
        {add && (
          <Button
            className={styles.add}
            variant="subtle"
            color="gray"
            size="xs"
            leftSection={<IconPlus size={16} stroke={1.75} aria-hidden />}
            onClick={add.open}
          >
            {add.words}
          </Button>
        )}
      </div>
      {children}
    </section>
  );
}
