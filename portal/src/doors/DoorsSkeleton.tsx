import { Skeleton } from "@mantine/core";
import { Delayed } from "../design/Delayed.tsx";
import styles from "./DoorsPage.module.css";
import tile from "./DoorTile.module.css";

/** The doors' shape while they load. */
export function DoorsSkeleton() {
  return (
    <Delayed>
      <div className={styles.page} aria-hidden>
        <div className={styles.header}>
          <Skeleton width={180} height={28} />
        </div>
        <div className={styles.content}>
          <div className={styles.scroll}>
            <div className={styles.grid}>
              {["a", "b", "c", "d", "e", "f"].map((key) => (
                <div key={key} className={tile.tile}>
                  <Skeleton radius={0} style={{ aspectRatio: "16 / 9", height: "auto" }} />
                  <div className={tile.body}>
                    <Skeleton width="60%" height={16} mt={4} />
                    <Skeleton width="40%" height={12} mt={8} mb={12} />
                    <Skeleton height={36} />
                  </div>
                </div>
              ))}
            </div>
          </div>
        </div>
      </div>
    </Delayed>
  );
}
