import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeviceDetail } from "#core/messages/device-api.ts";
import { doorsQuery } from "../api/queries.ts";
import { HoldToOpen } from "../calls/HoldToOpen.tsx";
import { SnapshotThumb } from "../design/SnapshotThumb.tsx";
import styles from "./Device.module.css";
import { DeviceStateLine } from "./DeviceStateLine.tsx";
import { type ChangeDevice, saidAlready } from "./use-device-change.ts";

/** Its picture, its name, what it does now, and its door. */
export function DeviceHeader({ device, change }: { device: DeviceDetail; change: ChangeDevice | undefined }) {
  const { t } = useTranslation("devices");
  const door = useQuery(doorsQuery).data?.find((one) => one.deviceId === device.deviceId);
  const { model, revision } = device;
  return (
    <header className={styles.header}>
      <SnapshotThumb
        className={styles.picture}
        size="row"
        alt=""
        stale={!device.online}
        {...(door?.last?.snapshotUrl && { src: door.last.snapshotUrl })}
      />
      <div className={styles.titles}>
        <nav className={styles.path}>
          <Link to="/devices">{t("one.back")}</Link> / {device.site.name}
        </nav>
        <Name name={device.name} change={change} />
        <div className={styles.line}>
          <DeviceStateLine device={{ ...device, needs: [] }} />
          {model && <span>{revision ? t("one.revision", { model, revision }) : model}</span>}
        </div>
      </div>
      {door && door.openers.length > 0 && (
        <HoldToOpen deviceId={device.deviceId} door={device.name} className={styles.hold} />
      )}
    </header>
  );
}

function Name({ name, change }: { name: string; change: ChangeDevice | undefined }) {
  const { t } = useTranslation("devices");
  const [draft, setDraft] = useState<string>();
  if (draft === undefined || !change) {
    return (
      <div className={styles.name}>
        <h1 title={name}>{name}</h1>
        {change && (
          <ActionIcon variant="subtle" color="gray" aria-label={t("one.rename")} onClick={() => setDraft(name)}>
            <IconPencil size={16} stroke={1.75} aria-hidden />
          </ActionIcon>
        )}
      </div>
    );
  }
  const leave = () => setDraft(undefined);
  return (
    <form
      className={styles.name}
      onSubmit={(event) => {
        event.preventDefault();
        const next = draft.trim();
        if (!next || next === name) return leave();
        change({ name: next }).then(leave, saidAlready);
      }}
    >
      <TextInput
        data-autofocus
        autoFocus
        aria-label={t("one.name")}
        maxLength={200}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && leave()}
      />
      <Button type="submit">{t("one.save")}</Button>
      <Button variant="default" onClick={leave}>
        {t("one.cancel")}
      </Button>
    </form>
  );
}
