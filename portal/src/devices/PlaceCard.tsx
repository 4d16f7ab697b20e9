import { Select, TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type DeviceDetail, siteId } from "#core/messages/device-api.ts";
import { devicesQuery, sitesQuery } from "../api/device-queries.ts";
import { Card } from "./Card.tsx";
import styles from "./Device.module.css";
import { type ChangeDevice, saidAlready } from "./use-device-change.ts";

/** At which site it stands, and by which words it is found. */
export function PlaceCard({ device, change }: { device: DeviceDetail; change: ChangeDevice | undefined }) {
  const { t } = useTranslation("devices");
  const sites = useQuery(sitesQuery).data ?? [{ ...device.site }];
  const known = (useQuery(devicesQuery).data?.devices ?? []).flatMap(({ groups }) => groups);
  return (
    <Card title={t("one.site.title")}>
      <div className={styles.form}>
        <Select
          label={t("one.site.site")}
          allowDeselect={false}
          readOnly={!change}
          value={device.site.siteId}
          onChange={(value) => {
            const next = siteId.safeParse(value);
            if (next.success && next.data !== device.site.siteId) change?.({ siteId: next.data }).catch(saidAlready);
          }}
          data={sites.map(({ siteId, name }) => ({ value: siteId, label: name }))}
        />
        <TagsInput
          label={t("one.site.groups")}
          description={t("one.site.groupsHelp")}
          readOnly={!change}
          maxTags={20}
          value={device.groups}
          onChange={(groups) => change?.({ groups }).catch(saidAlready)}
          data={[...new Set(known)]}
        />
      </div>
    </Card>
  );
}
