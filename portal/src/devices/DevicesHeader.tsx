import { Button, SegmentedControl, Select } from "@mantine/core";
import { IconMapPin, IconPlus } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { DeviceRow } from "#core/messages/device-api.ts";
import { CsvButton } from "../design/CsvButton.tsx";
import { type CsvColumn, saveCsv } from "../design/csv.ts";
import page from "../design/Page.module.css";
import { RollingOut } from "../firmware/RollingOut.tsx";
import { useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import { SearchField } from "../shell/SearchField.tsx";
import styles from "./Devices.module.css";
import { filtered, type Show } from "./device-list.ts";

const shows: readonly Show[] = ["online", "offline", "needs"];

/** Title, search, which devices and where, and the list as a file. */
export function DevicesHeader({ devices, shown }: { devices: readonly DeviceRow[]; shown: readonly DeviceRow[] }) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  const navigate = useNavigate();
  const filter = useSearch({ from: "/signed-in/devices" });
  const count = (show?: Show) => format.number(filtered(devices, { ...filter, show }).length);
  const sites = [...new Map(devices.map(({ site }) => [site.siteId, site.name]))];
  return (
    <header className={page.header}>
      <div className={page.top}>
        <h1>
          {t("title")} <span className={page.total}>{format.number(devices.length)}</span>
        </h1>
        <CsvButton
          label={t("csvLabel")}
          save={async () =>
            saveCsv(
              "devices",
              shown,
              columns((name) => t(`column.${name}`)),
            )
          }
        />
        {may(useMe().role, "claim-device") && (
          <Button
            leftSection={<IconPlus size={16} stroke={1.75} aria-hidden />}
            onClick={() => void navigate({ to: "/claim" })}
          >
            {t("claim")}
          </Button>
        )}
      </div>
      <RollingOut />
      <div className={page.filters}>
        <SearchField
          className={styles.search}
          label={t("search")}
          clear={t("clear")}
          value={filter.search}
          pause={150}
          onSearch={(text) => void navigate({ to: "/devices", search: { ...filter, search: text }, replace: true })}
        />
        <SegmentedControl
          aria-label={t("filter.label")}
          value={filter.show ?? "all"}
          onChange={(value) =>
            void navigate({ to: "/devices", search: { ...filter, show: shows.find((show) => show === value) } })
          }
          data={[
            { value: "all", label: t("filter.all", { number: count() }) },
            ...shows.map((show) => ({ value: show, label: t(`filter.${show}`, { number: count(show) }) })),
          ]}
        />
        {sites.length > 1 && (
          <Select
            className={styles.sites}
            aria-label={t("site")}
            placeholder={t("allSites")}
            clearable
            leftSection={<IconMapPin size={16} stroke={1.75} aria-hidden />}
            value={filter.site ?? null}
            onChange={(site) => void navigate({ to: "/devices", search: { ...filter, site: site ?? undefined } })}
            data={sites.map(([value, label]) => ({ value, label }))}
          />
        )}
      </div>
    </header>
  );
}

function columns(
  title: (name: "name" | "model" | "serial" | "site" | "groups" | "firmware" | "certificate") => string,
): CsvColumn<DeviceRow>[] {
  const day = (moment: number | undefined) => (moment === undefined ? "" : new Date(moment).toISOString().slice(0, 10));
  return [
    { title: title("name"), value: (device) => device.name },
    { title: title("model"), value: (device) => device.model },
    { title: title("serial"), value: (device) => device.serial },
    { title: title("site"), value: (device) => device.site.name },
    { title: title("groups"), value: (device) => device.groups.join("; ") },
    { title: title("firmware"), value: (device) => device.firmware },
    { title: title("certificate"), value: (device) => day(device.certificate?.until) },
  ];
}
