import { Button, Switch } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { UpdateSetting } from "#core/firmware/policy.ts";
import type { SiteId } from "#core/messages/device-api.ts";
import type { FirmwareOverview } from "#core/messages/firmware-api.ts";
import { changeOrganisationPolicy, changeSitePolicy } from "../api/firmware-queries.ts";
import { Card } from "../devices/Card.tsx";
import { useMe } from "../shell/me.ts";
import styles from "./Firmware.module.css";
import { PolicyDialog } from "./PolicyDialog.tsx";
import { useFirmwareChange } from "./use-firmware-change.ts";
import { useWindowWords } from "./use-window-words.ts";

/** What devices take by themselves, and when: for the whole organisation, and where a site has it otherwise. */
export function PolicyCard({ overview }: { overview: FirmwareOverview }) {
  const { t } = useTranslation("firmware");
  const { organisation, sites } = overview;
  const mayChange = may(useMe().role, "manage-firmware");
  const [edited, setEdited] = useState<SiteId | "organisation">();
  const own = useFirmwareChange(changeOrganisationPolicy);
  const ofSite = useFirmwareChange(({ siteId, ...setting }: UpdateSetting & { siteId: SiteId }) =>
    changeSitePolicy(siteId, setting),
  );
  const site = sites.find(({ siteId }) => siteId === edited);
  const close = () => setEdited(undefined);
  return (
    <Card title={t("policy.title")}>
      <ul className={styles.places}>
        <Place
          name={t("policy.everywhere")}
          setting={organisation}
          edit={mayChange ? () => setEdited("organisation") : undefined}
        />
        {sites.map((one) => (
          <Place
            key={one.siteId}
            name={one.name}
            setting={one}
            edit={mayChange ? () => setEdited(one.siteId) : undefined}
          />
        ))}
      </ul>
      <Switch
        className={styles.approval}
        label={t("policy.approval")}
        description={t("policy.approvalHelp")}
        checked={organisation.approval}
        disabled={!mayChange || own.isPending}
        onChange={(event) => own.mutate({ ...organisation, approval: event.currentTarget.checked })}
      />
      {edited === "organisation" && (
        <PolicyDialog
          title={t("policy.everywhere")}
          setting={organisation}
          close={close}
          save={(setting) => own.mutateAsync({ ...organisation, ...setting })}
        />
      )}
      {site && (
        <PolicyDialog
          title={site.name}
          setting={site}
          otherwise={organisation}
          close={close}
          save={(setting) => ofSite.mutateAsync({ siteId: site.siteId, ...setting })}
        />
      )}
    </Card>
  );
}

interface PlaceProps {
  name: string;
  setting: UpdateSetting;
  edit: (() => void) | undefined;
}

function Place({ name, setting, edit }: PlaceProps) {
  const { t } = useTranslation("firmware");
  const windowWords = useWindowWords();
  const { policy, windows } = setting;
  return (
    <li>
      <div>
        <strong>{name}</strong>
        {policy === undefined && windows === undefined ? (
          <span>{t("policy.asEverywhere")}</span>
        ) : (
          <>
            {policy && <span>{t(`policy.${policy}`)}</span>}
            {windows && <span>{windowWords(windows)}</span>}
          </>
        )}
      </div>
      {edit && (
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          leftSection={<IconPencil size={16} stroke={1.75} aria-hidden />}
          aria-label={t("policy.changeFor", { place: name })}
          onClick={edit}
        >
          {t("policy.change")}
        </Button>
      )}
    </li>
  );
}
