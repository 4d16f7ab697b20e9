import { Progress } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { FirmwareProgress as Update } from "#core/messages/device.ts";
import { useFormat } from "../i18n/format.ts";
import { Card } from "./Card.tsx";
import styles from "./Firmware.module.css";
import { isUnderWay, shareOf } from "./update.ts";

/** An update that is under way, as a card of a device's page. */
export function FirmwareCard({ update }: { update: Update | undefined }) {
  const { t } = useTranslation("devices");
  if (!isUnderWay(update)) return null;
  return (
    <Card title={t("one.update.title", { release: update.release })} beside={<Percent update={update} />}>
      <FirmwareProgress update={update} />
    </Card>
  );
}

function Percent({ update }: { update: Update }) {
  const format = useFormat();
  return <span className={styles.percent}>{format.percent(shareOf(update))}</span>;
}

/** How far it is, what went wrong on the way, and what comes next. */
export function FirmwareProgress({ update }: { update: Update }) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  const { phase, received, size, repeated, release } = update;
  return (
    <div className={styles.update}>
      <Progress.Root size={8} radius="xl">
        <Progress.Section
          value={100 * shareOf(update)}
          color="var(--door)"
          aria-label={t("one.update.title", { release })}
        />
      </Progress.Root>
      <p>
        <span>
          {size > 0 && t("one.update.received", { received: format.megabytes(received), size: format.megabytes(size) })}
          {repeated > 0 && ` · ${t("one.update.repeated", { count: repeated })}`}
        </span>
        <span>{t(`one.update.phase.${phase}`)}</span>
      </p>
    </div>
  );
}
