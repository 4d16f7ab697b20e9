import { Skeleton } from "@mantine/core";
import { Delayed } from "../design/Delayed.tsx";
import styles from "./HistoryPage.module.css";

/** The list's shape while it loads. */
export function HistorySkeleton() {
  return (
    <Delayed>
      <div aria-hidden>
        <div className={styles.day}>
          <Skeleton width={180} height={12} m={14} />
        </div>
        {["a", "b", "c", "d", "e", "f", "g"].map((key) => (
          <div key={key} className={styles.row}>
            <Skeleton className={styles.thumb} style={{ aspectRatio: "16 / 9" }} height="auto" radius={6} />
            <div className={styles.what}>
              <Skeleton width="40%" height={12} />
              <Skeleton width="60%" height={10} mt={6} />
            </div>
            <Skeleton width={84} height={20} className={styles.outcome} />
            <div className={styles.who}>
              <Skeleton circle height={24} />
            </div>
            <Skeleton width={36} height={12} />
          </div>
        ))}
      </div>
    </Delayed>
  );
}
