import { Button, CloseButton, Menu, Popover, Select, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconAdjustmentsAlt,
  IconCertificate,
  IconFileText,
  IconFolder,
  IconRefresh,
  IconTag,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { BulkAction, BulkOutcome, DeviceRow, SiteRow } from "#core/messages/device-api.ts";
import { devicesQuery, doToAll, sitesQuery } from "../api/device-queries.ts";
import { useFormat } from "../i18n/format.ts";
import styles from "./Devices.module.css";
import { UpdateNow } from "./UpdateNow.tsx";

/** What can be done with all that is selected. */
export function SelectionBar({ devices, leave }: { devices: readonly DeviceRow[]; leave: () => void }) {
  const { t } = useTranslation("devices");
  const count = devices.length;
  const bulk = useBulk(devices, leave);
  const sites = useQuery(sitesQuery).data ?? [];
  const icon = { size: 16, stroke: 1.75, "aria-hidden": true };
  const move = ({ siteId, name }: SiteRow) =>
    bulk.mutate({ action: { do: "move", siteId }, done: (count) => t("moved", { count, site: name }) });
  const ask = (command: "renew-certificate" | "fetch-log") =>
    bulk.mutate({ action: { do: command }, done: (count) => t(`bulk.asked.${command}`, { count }) });
  return (
    <div className={styles.bar} role="toolbar" aria-label={t("selected", { count })} data-mantine-color-scheme="dark">
      <span className={styles.count} aria-live="polite">
        {t("selected", { count })}
      </span>
      <UpdateNow
        sites={devices.map(({ site }) => site.siteId)}
        opens={{
          variant: "subtle",
          color: "gray",
          leftSection: <IconRefresh {...icon} />,
          disabled: bulk.isPending,
          children: t("bulk.update"),
        }}
        ask={(restart) =>
          bulk.mutate({
            action: { do: "update-firmware", restart },
            done: (count) => t(`bulk.asked.${restart}`, { count }),
          })
        }
      />
      <Menu position="top">
        <Menu.Target>
          <Button variant="subtle" color="gray" leftSection={<IconFolder {...icon} />} loading={bulk.isPending}>
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
        disabled={bulk.isPending}
        add={(group) =>
          bulk.mutate({ action: { do: "add-group", group }, done: (count) => t("grouped", { count, group }) })
        }
      />
      <ApplyRules
        disabled={bulk.isPending}
        apply={({ deviceId, name }) =>
          bulk.mutate({
            action: { do: "apply-output-rules", from: deviceId },
            done: (count) => t("bulk.applied", { count, door: name }),
          })
        }
      />
      <Button
        variant="subtle"
        color="gray"
        leftSection={<IconFileText {...icon} />}
        disabled={bulk.isPending}
        onClick={() => ask("fetch-log")}
      >
        {t("bulk.logs")}
      </Button>
      <Button
        variant="subtle"
        color="gray"
        leftSection={<IconCertificate {...icon} />}
        disabled={bulk.isPending}
        onClick={() => ask("renew-certificate")}
      >
        {t("bulk.renew")}
      </Button>
      <CloseButton aria-label={t("leaveSelection")} onClick={leave} />
    </div>
  );
}

function AddGroup({ add, disabled }: { add: (group: string) => void; disabled: boolean }) {
  const { t } = useTranslation("devices");
  const [name, setName] = useState("");
  const group = name.trim();
  return (
    <Asking opens={t("addGroup")} icon={IconTag} does={t("add")} disabled={disabled || !group} then={() => add(group)}>
      <TextInput
        label={t("groupName")}
        maxLength={40}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </Asking>
  );
}

/** Of which device the others take over what its outputs do by themselves. */
function ApplyRules({ apply, disabled }: { apply: (from: DeviceRow) => void; disabled: boolean }) {
  const { t } = useTranslation("devices");
  const all = useQuery(devicesQuery).data?.devices.filter(({ virtual }) => !virtual) ?? [];
  const [id, setId] = useState<string | null>(null);
  const from = all.find(({ deviceId }) => deviceId === id);
  const name = t("bulk.apply");
  return (
    <Asking
      opens={name}
      icon={IconAdjustmentsAlt}
      does={name}
      disabled={disabled || !from}
      then={() => from && apply(from)}
    >
      <Select
        label={t("bulk.rulesOf")}
        description={t("bulk.rulesReplace")}
        searchable
        comboboxProps={{ withinPortal: false }}
        data={all.map(({ deviceId, name, site }) => ({ value: deviceId, label: `${name}, ${site.name}` }))}
        value={id}
        onChange={setId}
      />
    </Asking>
  );
}

interface AskingProps {
  /** What the button in the bar is called, and the one that does it. */
  opens: string;
  does: string;
  icon: typeof IconTag;
  disabled: boolean;
  then: () => void;
  children: ReactNode;
}

/** Something that has to be said first, above its button in the bar. */
function Asking({ opens, does, icon: Icon, disabled, then, children }: AskingProps) {
  return (
    <Popover position="top" trapFocus>
      <Popover.Target>
        <Button variant="subtle" color="gray" leftSection={<Icon size={16} stroke={1.75} aria-hidden />}>
          {opens}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={styles.group}
          onSubmit={(event) => {
            event.preventDefault();
            if (!disabled) then();
          }}
        >
          {children}
          <Button type="submit" disabled={disabled}>
            {does}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Does it to each, and says of those to which nothing came why: the others are done. */
function useBulk(devices: readonly DeviceRow[], leave: () => void) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ action }: { action: BulkAction; done: (count: number) => string }) =>
      doToAll(
        devices.map(({ deviceId }) => deviceId),
        action,
      ),
    onSuccess: (results, { done }) => {
      const failed = results.filter(({ outcome }) => !came.has(outcome));
      const names = (why: BulkOutcome) =>
        failed
          .filter(({ outcome }) => outcome === why)
          .map(({ deviceId }) => devices.find((one) => one.deviceId === deviceId)?.name ?? deviceId);
      const reached = results.length - failed.length;
      if (reached > 0) notifications.show({ message: done(reached) });
      for (const why of new Set(failed.map(({ outcome }) => outcome)))
        notifications.show({
          color: "stop",
          autoClose: false,
          message: t(`bulk.${why}`, { names: format.list(names(why)) }),
        });
      void queries.invalidateQueries({ queryKey: ["devices"] });
      void queries.invalidateQueries({ queryKey: ["device"] });
      if (failed.length === 0) leave();
    },
    onError: (error) => notifications.show({ color: "stop", message: t("one.notSaved", { why: error.message }) }),
  });
}

const came: ReadonlySet<BulkOutcome> = new Set(["done", "unchanged", "sent"]);
