import { Skeleton } from "@mantine/core";
import { Delayed } from "../design/Delayed.tsx";
import styles from "./Audit.module.css";

/** The list's shape while it loads. */
export function AuditSkeleton() {
  return (
    <Delayed>
      <div className={styles.waiting} aria-hidden>
        {["a", "b", "c", "d", "e", "f", "g", "h"].map((key) => (
          <div key={key}>
            <Skeleton width={40} height={12} />
            <Skeleton circle height={24} />
            <Skeleton width="14%" height={12} />
            <Skeleton width="40%" height={12} />
          </div>
        ))}
      </div>
    </Delayed>
  );
}
