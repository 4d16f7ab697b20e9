import { useQuery } from "@tanstack/react-query";
import { firmwareQuery } from "../api/firmware-queries.ts";
import styles from "./Firmware.module.css";
import { topOf } from "./on-top.ts";
import { RolloutCard } from "./RolloutCard.tsx";

/** The rollouts that go on or want somebody's hand, on top of another page. */
export function RollingOut() {
  const rollouts = topOf(useQuery(firmwareQuery).data?.rollouts ?? []);
  if (rollouts.length === 0) return null;
  return (
    <div className={styles.above}>
      {rollouts.map((rollout) => (
        <RolloutCard key={rollout.rolloutId} rollout={rollout} />
      ))}
    </div>
  );
}
