import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { firmwareQuery } from "../api/firmware-queries.ts";
import styles from "./Firmware.module.css";
import { topOf } from "./on-top.ts";
import { RolloutCard } from "./RolloutCard.tsx";

/** The most urgent rollout, on top of another page, and the way to the others. */
export function RollingOut() {
  const { t } = useTranslation("firmware");
  const [first, ...others] = topOf(useQuery(firmwareQuery).data?.rollouts ?? []);
  if (!first) return null;
  return (
    <div className={styles.above}>
      <RolloutCard rollout={first} />
      {others.length > 0 && <Link to="/firmware">{t("others", { count: others.length })}</Link>}
    </div>
  );
}
