import { Tabs } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconCpu } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { DeviceDetail } from "#core/messages/device-api.ts";
import { deviceQuery } from "../api/device-queries.ts";
import { isNotFound } from "../api/request.ts";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { DevicePolicyCard } from "../firmware/DevicePolicyCard.tsx";
import { DeviceAccess } from "../people/DeviceAccess.tsx";
import { useMe } from "../shell/me.ts";
import { CamerasCard } from "./CamerasCard.tsx";
import { Changes } from "./Changes.tsx";
import styles from "./Device.module.css";
import { DeviceHeader } from "./DeviceHeader.tsx";
import { Differences } from "./Differences.tsx";
import { FirmwareCard } from "./FirmwareProgress.tsx";
import { IdentityCard } from "./IdentityCard.tsx";
import { LogCard } from "./LogCard.tsx";
import { Needs } from "./Needs.tsx";
import { OpenersCard } from "./OpenersCard.tsx";
import { PlaceCard } from "./PlaceCard.tsx";
import { type DevicePart, deviceParts } from "./parts.ts";
import { RulesCard } from "./RulesCard.tsx";
import { useDeviceChange } from "./use-device-change.ts";

/** One device: what it is, what it ought to be, and what was changed. */
export function DevicePage() {
  const { t } = useTranslation("devices");
  const { deviceId } = useParams({ from: "/signed-in/devices/$deviceId" });
  const device = useQuery(deviceQuery(deviceId));
  useDocumentTitle(`${device.data?.name ?? t("title")} · Symphony Cloud`);
  if (device.data) return <Device device={device.data} />;
  if (!device.isError) return null;
  if (isNotFound(device.error)) {
    return <EmptyState icon={<IconCpu size={20} stroke={1.75} />} title={t("one.gone")} text={t("one.goneText")} />;
  }
  return <ErrorState title={t("one.failed")} error={device.error} again={() => void device.refetch()} />;
}

function Device({ device }: { device: DeviceDetail }) {
  const { t } = useTranslation("devices");
  const navigate = useNavigate();
  const { part = "overview" } = useSearch({ from: "/signed-in/devices/$deviceId" });
  const change = useDeviceChange(device);
  const { role } = useMe();
  const mayConfigure = may(role, "configure-device");
  const mayChange = mayConfigure && !device.virtual;
  const mayTakeAway = may(role, "revoke-device") && !device.virtual;
  const mayHandOn = may(role, "transfer-device") && !device.virtual;
  const maySeeLog = may(role, "see-logs") && !device.virtual;
  const hidden: Partial<Record<DevicePart, boolean>> = { people: !may(role, "see-people"), log: !maySeeLog };
  const shown = deviceParts.filter((one) => !hidden[one]);
  const { deviceId } = device;
  const go = (next: DevicePart | undefined) =>
    void navigate({
      to: "/devices/$deviceId",
      params: { deviceId },
      search: { part: next === "overview" ? undefined : next },
    });
  const cards = { device, change: mayChange ? change : undefined };
  // Of the virtual station, that is made as it is, cameras alone are set.
  const cameras = <CamerasCard device={device} change={mayConfigure ? change : undefined} />;
  return (
    <div className={styles.page}>
      <DeviceHeader {...cards} />
      <Tabs
        className={styles.tabs}
        value={part}
        onChange={(value) => go(deviceParts.find((one) => one === value))}
        keepMounted={false}
      >
        <Tabs.List aria-label={t("one.tabs.label")}>
          {shown.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`one.tabs.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview" className={styles.content} tabIndex={0}>
          <div className={styles.main}>
            <Needs device={device} mayNote={mayChange} />
            <FirmwareCard update={device.update} />
            {device.differences.length > 0 && <Differences device={device} mayDecide={mayChange} />}
            <div className={styles.pair}>
              <OpenersCard {...cards} />
              {cameras}
            </div>
            <RulesCard {...cards} />
            {maySeeLog && <LogCard device={device} />}
          </div>
          <aside className={styles.side}>
            <IdentityCard device={device} mayAsk={mayChange} mayTakeAway={mayTakeAway} mayHandOn={mayHandOn} />
            <PlaceCard {...cards} />
            {device.model !== undefined && <DevicePolicyCard deviceId={deviceId} />}
            <Changes changes={device.changes.slice(0, 3)} all={() => go("audit")} />
          </aside>
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={styles.content} data-single tabIndex={0}>
          <OpenersCard {...cards} />
          <RulesCard {...cards} />
        </Tabs.Panel>
        <Tabs.Panel value="cameras" className={styles.content} data-single tabIndex={0}>
          {cameras}
        </Tabs.Panel>
        {shown.includes("people") && (
          <Tabs.Panel value="people" className={styles.content} data-single tabIndex={0}>
            <DeviceAccess device={device} />
          </Tabs.Panel>
        )}
        {shown.includes("log") && (
          <Tabs.Panel value="log" className={styles.content} tabIndex={0}>
            <div className={styles.wide}>
              <LogCard device={device} open />
            </div>
          </Tabs.Panel>
        )}
        <Tabs.Panel value="audit" className={styles.content} data-single tabIndex={0}>
          <Changes changes={device.changes} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
