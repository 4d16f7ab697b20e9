import { Skeleton } from "@mantine/core";
import { Delayed } from "../design/Delayed.tsx";
import styles from "./People.module.css";

/** The list's shape while it loads. */
export function PeopleSkeleton() {
  return (
    <Delayed>
      <div className={styles.waiting} aria-hidden>
        {["a", "b", "c", "d", "e", "f"].map((key) => (
          <div key={key}>
            <Skeleton circle height={32} />
            <Skeleton width="30%" height={12} />
            <Skeleton width="12%" height={12} />
            <Skeleton width="20%" height={12} />
          </div>
        ))}
      </div>
    </Delayed>
  );
}
