import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import styles from "./Person.module.css";

interface PartProps {
  title: string;
  /** What can be added here. Absent: nothing, or not by this person. */
  add: { words: string; open: () => void } | undefined;
  children: ReactNode;
}

/** A part of what is said about a person or a team. */
export function Part({ title, add, children }: PartProps) {
  const heading = useId();
  return (
    <section className={styles.part} aria-labelledby={heading}>
      <div className={styles.partTop}>
        <h3 id={heading}>{title}</h3>
        {add && (
          <Button
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
