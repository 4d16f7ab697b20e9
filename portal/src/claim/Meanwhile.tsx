import { Button, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import { type DeviceDetail, siteId } from "#core/messages/device-api.ts";
import type { ClaimProgress } from "../api/claim-queries.ts";
import { deviceQuery, sitesQuery } from "../api/device-queries.ts";
import { saidAlready, useDeviceChange } from "../devices/use-device-change.ts";
import { useMe } from "../shell/me.ts";
import styles from "./Claim.module.css";

/** The waiting time, used: what it is to be called, and where it stands. Both can still be set when it is over. */
export function Meanwhile({ claim }: { claim: ClaimProgress }) {
  const { t } = useTranslation("claim");
  const mayChange = may(useMe().role, "configure-device");
  const ready = claim.state === "ready";
  const ours = claim.steps.some(({ step }) => step === "present");
  const device = useQuery({ ...deviceQuery(claim.deviceId), enabled: ours && mayChange }).data;
  if (!mayChange) return null;
  return (
    <>
      <h2>{t(ready ? "meanwhile.after" : "meanwhile.title")}</h2>
      {device ? (
        <Form key={device.deviceId} device={device} ready={ready} />
      ) : (
        <p className={styles.later}>{t("meanwhile.later")}</p>
      )}
    </>
  );
}

function Form({ device, ready }: { device: DeviceDetail; ready: boolean }) {
  const { t } = useTranslation("claim");
  const navigate = useNavigate();
  const change = useDeviceChange(device);
  const sites = useQuery(sitesQuery).data ?? [device.site];
  const [name, setName] = useState(device.name);
  const [site, setSite] = useState(device.site.siteId);
  return (
    <form
      className={styles.meanwhile}
      onSubmit={(event) => {
        event.preventDefault();
        change({ name: name.trim(), siteId: site }).then(() => void navigate({ to: "/devices" }), saidAlready);
      }}
    >
      <TextInput
        label={t("meanwhile.name")}
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        label={t("meanwhile.site")}
        allowDeselect={false}
        value={site}
        onChange={(value) => setSite(siteId.catch(site).parse(value))}
        data={sites.map(({ siteId, name }) => ({ value: siteId, label: name }))}
      />
      <Button type="submit" size="md" fullWidth>
        {t(ready ? "meanwhile.saveAfter" : "meanwhile.save")}
      </Button>
    </form>
  );
}
