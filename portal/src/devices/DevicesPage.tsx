import { Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconCpu, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import { devicesQuery } from "../api/device-queries.ts";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { Scrolling } from "../design/Scrolling.tsx";
import { useMe } from "../shell/me.ts";
import styles from "./Devices.module.css";
import { DevicesHeader } from "./DevicesHeader.tsx";
import { DeviceTable } from "./DeviceTable.tsx";
import { filtered } from "./device-list.ts";
import { SelectionBar } from "./SelectionBar.tsx";
import { Unrung } from "./Unrung.tsx";

/** Every device, and what of them wants a hand. */
export function DevicesPage() {
  const { t } = useTranslation("devices");
  useDocumentTitle(`${t("title")} · Symphony Cloud`);
  const filter = useSearch({ from: "/signed-in/devices" });
  const devices = useQuery(devicesQuery);
  const mayChange = may(useMe().role, "configure-device");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const all = devices.data?.devices ?? [];
  const list = filtered(all, filter);
  const chosen = list.filter((device) => selected.has(device.deviceId));
  return (
    <div className={styles.page}>
      <DevicesHeader devices={all} shown={list} />
      <Scrolling className={styles.content} aria-label={t("title")}>
        <Unrung people={devices.data?.unrung ?? []} />
        {devices.isError && !devices.data ? (
          <ErrorState title={t("failed")} error={devices.error} again={() => void devices.refetch()} />
        ) : devices.isPending ? null : list.length === 0 ? (
          <Nothing filtered={all.length > 0} />
        ) : (
          <DeviceTable devices={list} selectable={mayChange} selected={selected} onSelect={setSelected} />
        )}
      </Scrolling>
      {chosen.length > 0 && <SelectionBar devices={chosen} leave={() => setSelected(new Set())} />}
    </div>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  const { t } = useTranslation("devices");
  const navigate = useNavigate();
  const mayClaim = may(useMe().role, "claim-device");
  const icon = { size: 20, stroke: 1.75 };
  if (!filtered)
    return (
      <EmptyState
        icon={<IconCpu {...icon} />}
        title={t("empty.title")}
        text={t("empty.text")}
        next={
          mayClaim && (
            <Button component={Link} to="/claim">
              {t("claim")}
            </Button>
          )
        }
      />
    );
  return (
    <EmptyState
      icon={<IconSearch {...icon} />}
      title={t("empty.none")}
      next={
        <Button variant="default" onClick={() => void navigate({ to: "/devices", search: {} })}>
          {t("empty.showAll")}
        </Button>
      }
    />
  );
}
