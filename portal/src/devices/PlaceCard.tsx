import { Button, Select, TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type DeviceDetail, type SiteRow, siteId } from "#core/messages/device-api.ts";
import { devicesQuery, sitesQuery } from "../api/device-queries.ts";
import { Card } from "./Card.tsx";
import styles from "./Device.module.css";
import { SiteDialog } from "./SiteDialog.tsx";
import { type ChangeDevice, saidAlready } from "./use-device-change.ts";

/** At which site it stands, and by which words it is found. */
export function PlaceCard({ device, change }: { device: DeviceDetail; change: ChangeDevice | undefined }) {
  const { t } = useTranslation("devices");
  const sites = useQuery(sitesQuery);
  const known = (useQuery(devicesQuery).data?.devices ?? []).flatMap(({ groups }) => groups);
  const [edited, setEdited] = useState<{ site?: SiteRow }>();
  const here = sites.data?.find(({ siteId }) => siteId === device.site.siteId);
  return (
    <Card title={t("one.site.title")} add={change && { words: t("one.site.add"), open: () => setEdited({}) }}>
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
          data={(sites.data ?? [device.site]).map(({ siteId, name }) => ({ value: siteId, label: name }))}
        />
        {here && (
          <p className={styles.place}>
            <span>{[here.address, here.timeZone].filter(Boolean).join(" · ")}</span>
            {change && (
              <Button variant="subtle" size="compact-xs" color="door" onClick={() => setEdited({ site: here })}>
                {t("one.site.change")}
              </Button>
            )}
          </p>
        )}
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
      {edited && (
        <SiteDialog
          before={edited.site}
          close={() => setEdited(undefined)}
          saved={({ siteId }) => {
            if (!edited.site) change?.({ siteId }).catch(saidAlready);
          }}
        />
      )}
    </Card>
  );
}
