import { Checkbox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { DeviceRow } from "#core/messages/device-api.ts";
import { doorsQuery } from "../api/queries.ts";
import { SnapshotThumb } from "../design/SnapshotThumb.tsx";
import { useFormat } from "../i18n/format.ts";
import { DeviceStateLine } from "./DeviceStateLine.tsx";
import styles from "./Devices.module.css";

interface TableProps {
  devices: readonly DeviceRow[];
  selectable: boolean;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
}

/** A row a device: its picture, its state, its firmware and its certificate in words. */
export function DeviceTable({ devices, selectable, selected, onSelect }: TableProps) {
  const { t } = useTranslation("devices");
  const chosen = devices.filter((device) => selected.has(device.deviceId)).length;
  const turn = (deviceId: string) => {
    const next = new Set(selected);
    if (!next.delete(deviceId)) next.add(deviceId);
    onSelect(next);
  };
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          {selectable && (
            <th scope="col" className={styles.tick}>
              <Checkbox
                radius={4}
                aria-label={t("selectAll")}
                checked={chosen === devices.length}
                indeterminate={chosen > 0 && chosen < devices.length}
                onChange={() =>
                  onSelect(chosen === devices.length ? new Set() : new Set(devices.map((one) => one.deviceId)))
                }
              />
            </th>
          )}
          <th scope="col">{t("column.name")}</th>
          <th scope="col">{t("column.model")}</th>
          <th scope="col">{t("column.site")}</th>
          <th scope="col">{t("column.state")}</th>
          <th scope="col">{t("column.firmware")}</th>
          <th scope="col">{t("column.certificate")}</th>
        </tr>
      </thead>
      <tbody>
        {devices.map((device) => (
          <Row
            key={device.deviceId}
            device={device}
            {...(selectable && {
              choice: { chosen: selected.has(device.deviceId), turn: () => turn(device.deviceId) },
            })}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row({ device, choice }: { device: DeviceRow; choice?: { chosen: boolean; turn: () => void } }) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  const { deviceId, name, certificate } = device;
  const last = useQuery(doorsQuery).data?.find((door) => door.deviceId === deviceId)?.last;
  return (
    <tr data-selected={choice?.chosen || undefined}>
      {choice && (
        <td className={styles.tick}>
          <Checkbox radius={4} aria-label={t("selectOne", { name })} checked={choice.chosen} onChange={choice.turn} />
        </td>
      )}
      <th scope="row" className={styles.first}>
        <div className={styles.name}>
          <SnapshotThumb
            className={styles.thumb}
            size="row"
            alt=""
            stale={!device.online}
            {...(last?.snapshotUrl && { src: last.snapshotUrl })}
          />
          <Link to="/devices/$deviceId" params={{ deviceId }} className={styles.link} title={name}>
            {name}
          </Link>
        </div>
      </th>
      <td className={styles.model}>{device.virtual ? t("virtual") : device.model}</td>
      <td className={styles.site}>{device.site.name}</td>
      <td className={styles.how}>
        <DeviceStateLine device={device} />
      </td>
      <td className={styles.firmware}>
        {device.firmware ?? (device.virtual ? "" : t("firmware.unknown"))}
        {device.settings === "on-its-way" && <span>{t("settings.on-its-way")}</span>}
      </td>
      <td className={styles.certificate} data-ends={device.needs.includes("certificate-ends") || undefined}>
        {certificate && t("certificate.until", { date: format.longDate(certificate.until) })}
        {!certificate && !device.virtual && t("certificate.none")}
      </td>
    </tr>
  );
}
