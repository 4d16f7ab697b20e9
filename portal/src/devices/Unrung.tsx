import { IconBellOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { DeviceList } from "#core/messages/device-api.ts";
import { useFormat } from "../i18n/format.ts";
import styles from "./Devices.module.css";

/** How many are named; the others are counted. */
const named = 3;

/** People who may answer, and whom no button rings: said before a visitor finds out. */
export function Unrung({ people }: { people: DeviceList["unrung"] }) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  if (people.length === 0) return null;
  const more = people.length - named;
  const names = people.slice(0, named).map(({ name }) => name);
  return (
    <p className={styles.unrung}>
      <IconBellOff size={16} stroke={1.75} aria-hidden />
      {t("unrung", { names: format.list(more > 0 ? [...names, t("unrungMore", { count: more })] : names) })}
    </p>
  );
}
