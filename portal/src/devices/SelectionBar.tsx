import { Button, CloseButton, Menu, Popover, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconFolder, IconTag } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeviceChange, DeviceRow, SiteRow } from "#core/messages/device-api.ts";
import { changeDevice, deviceQuery, sitesQuery } from "../api/device-queries.ts";
import styles from "./Devices.module.css";

type Change = (device: DeviceRow) => Omit<DeviceChange, "version">;

/** What can be done with all that is selected. */
export function SelectionBar({ devices, leave }: { devices: readonly DeviceRow[]; leave: () => void }) {
  const { t } = useTranslation("devices");
  const count = devices.length;
  const change = useChangeAll(devices, leave);
  const sites = useQuery(sitesQuery).data ?? [];
  const icon = { size: 16, stroke: 1.75, "aria-hidden": true };
  const move = ({ siteId, name }: SiteRow) =>
    change.mutate({ change: () => ({ siteId }), done: t("moved", { count, site: name }) });
  return (
    <div className={styles.bar} role="toolbar" aria-label={t("selected", { count })} data-mantine-color-scheme="dark">
      <span className={styles.count} aria-live="polite">
        {t("selected", { count })}
      </span>
      <Menu position="top">
        <Menu.Target>
          <Button variant="subtle" color="gray" leftSection={<IconFolder {...icon} />} loading={change.isPending}>
            {t("moveToSite")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {sites.map((site) => (
            <Menu.Item key={site.siteId} onClick={() => move(site)}>
              {site.name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <AddGroup
        disabled={change.isPending}
        add={(group) =>
          change.mutate({
            change: ({ groups }) => ({ groups: [...new Set([...groups, group])] }),
            done: t("grouped", { count, group }),
          })
        }
      />
      <CloseButton aria-label={t("leaveSelection")} onClick={leave} />
    </div>
  );
}

function AddGroup({ add, disabled }: { add: (group: string) => void; disabled: boolean }) {
  const { t } = useTranslation("devices");
  const [name, setName] = useState("");
  return (
    <Popover position="top" trapFocus>
      <Popover.Target>
        <Button variant="subtle" color="gray" leftSection={<IconTag size={16} stroke={1.75} aria-hidden />}>
          {t("addGroup")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={styles.group}
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) add(name.trim());
          }}
        >
          <TextInput
            label={t("groupName")}
            maxLength={40}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" disabled={disabled || !name.trim()}>
            {t("add")}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Changes each, and says how many were not: what was changed stays changed. */
function useChangeAll(devices: readonly DeviceRow[], leave: () => void) {
  const { t } = useTranslation("devices");
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ change, done }: { change: Change; done: string }) => {
      const outcomes = await Promise.allSettled(
        devices.map(async (device) => {
          const { version } = await queries.fetchQuery({ ...deviceQuery(device.deviceId), staleTime: 0 });
          return changeDevice(device.deviceId, { version, ...change(device) });
        }),
      );
      return { failed: outcomes.filter(({ status }) => status === "rejected").length, done };
    },
    onSuccess: ({ failed, done }) => {
      const count = devices.length;
      notifications.show(failed > 0 ? { color: "stop", message: t("notAll", { failed, count }) } : { message: done });
      void queries.invalidateQueries({ queryKey: ["devices"] });
      if (failed === 0) leave();
    },
  });
}
