import { Button } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import { hardwareRevision } from "#core/device/revision.ts";
import type { HardwareShown, RolloutShown } from "#core/messages/firmware-api.ts";
import { beginRollout } from "../api/firmware-queries.ts";
import { Chip } from "../design/Chip.tsx";
import { useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import styles from "./Firmware.module.css";
import { useFirmwareChange } from "./use-firmware-change.ts";

interface Props {
  hardware: readonly HardwareShown[];
  rollouts: readonly RolloutShown[];
  approval: boolean;
}

/** Each model with its newest release, and how many devices are on what. */
export function HardwareTable({ hardware, rollouts, approval }: Props) {
  const { t } = useTranslation("firmware");
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t("column.model")}</th>
          <th scope="col">{t("column.newest")}</th>
          <th scope="col">{t("column.running")}</th>
          <th scope="col">
            <span className={styles.hidden}>{t("column.action")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {hardware.map((kind) => (
          <Row
            key={`${kind.model}/${kind.revision}`}
            kind={kind}
            approval={approval}
            rollout={rollouts.find((one) => one.model === kind.model && one.revision === kind.revision)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  kind: HardwareShown;
  /** The newest one of this hardware. */
  rollout: RolloutShown | undefined;
  approval: boolean;
}

function Row({ kind, rollout, approval }: RowProps) {
  const { t } = useTranslation("firmware");
  const { model, revision, releases } = kind;
  const [newest] = releases;
  return (
    <tr>
      <th scope="row">
        {model}
        <small>{t("revision", { revision })}</small>
      </th>
      <td>
        {newest ? (
          <>
            <span className={styles.newest}>
              {t("release", { number: newest.number })}
              {newest.critical && (
                <Chip tone="stop" icon={<IconShieldCheck size={14} stroke={1.75} aria-hidden />}>
                  {t("critical")}
                </Chip>
              )}
            </span>
            {newest.note && <small>{newest.note}</small>}
          </>
        ) : (
          <span className={styles.none}>{t("nothingPublished")}</span>
        )}
      </td>
      <td>
        <Running kind={kind} />
      </td>
      <td className={styles.action}>
        {newest && <Begin kind={kind} release={newest.number} rollout={rollout} approval={approval} />}
      </td>
    </tr>
  );
}

/** How many devices are on what: as a bar, and in words. */
function Running({ kind: { running, releases } }: { kind: HardwareShown }) {
  const { t } = useTranslation("firmware");
  const format = useFormat();
  const newest = releases[0]?.number ?? 0;
  const all = running.reduce((sum, { devices }) => sum + devices, 0);
  const tone = (release: number | undefined) =>
    release === undefined ? "unknown" : release >= newest ? "newest" : "older";
  return (
    <>
      <div className={styles.share} aria-hidden>
        {running.map(({ release, devices }) => (
          <span key={release ?? "unknown"} data-tone={tone(release)} style={{ width: `${(100 * devices) / all}%` }} />
        ))}
      </div>
      <ul className={styles.counts}>
        {running.map(({ release, devices }) => (
          <li key={release ?? "unknown"}>
            {release === undefined
              ? t("onUnknown", { count: devices, number: format.number(devices) })
              : t("onRelease", { count: devices, number: format.number(devices), release })}
          </li>
        ))}
      </ul>
    </>
  );
}

function Begin({ kind, release, rollout, approval }: RowProps & { release: number }) {
  const { t } = useTranslation("firmware");
  const navigate = useNavigate();
  const mayBegin = may(useMe().role, "manage-firmware");
  const { model } = kind;
  const revision = hardwareRevision.parse(kind.revision);
  const { mutate, isPending } = useFirmwareChange(() => beginRollout({ model, revision, release, approval }));
  const behind = kind.running.some((one) => one.release !== undefined && one.release < release);
  const going = rollout?.release === release && rollout.state !== "stopped" && rollout.state !== "replaced";
  if (!mayBegin || !behind || going) return null;
  return (
    <Button
      variant="default"
      size="xs"
      disabled={isPending}
      aria-label={t("do.beginLong", { model, release })}
      onClick={() =>
        mutate(undefined, {
          onSuccess: ({ rolloutId }) => void navigate({ to: "/firmware/$rolloutId", params: { rolloutId } }),
        })
      }
    >
      {t("do.begin")}
    </Button>
  );
}
