import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { DeviceDetail } from "#core/messages/device-api.ts";
import styles from "./Device.module.css";

/** What can't work, and why. What is offline is said by its state, what was changed on it by its own card. */
export function Needs({ device }: { device: DeviceDetail }) {
  const { t } = useTranslation("devices");
  const told = device.needs.filter((need) => need !== "offline" && need !== "changed-on-device");
  return told.map((need) => (
    <p key={need} className={styles.need} data-tone={need === "revoked" ? "stop" : "ring"}>
      <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
      {t(`one.needs.${need === "revoked" && !device.blocked ? "allowed" : need}`)}
    </p>
  ));
}
