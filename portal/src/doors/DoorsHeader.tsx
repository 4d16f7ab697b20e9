import { Button, Indicator, Menu, SegmentedControl, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPhoneCall, IconStar, IconUsers } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Door } from "#core/messages/portal-api.ts";
import { Key } from "../calls/Key.tsx";
import { useKeys, useShortcut } from "../calls/keys.ts";
import { Chip } from "../design/Chip.tsx";
import { StatusDot } from "../design/StatusDot.tsx";
import { useFormat } from "../i18n/format.ts";
import { useLive, useLiveClient, useLivePart } from "../live/hooks.ts";
import { isOnline } from "../live/state.ts";
import { usePageHasKeys } from "../shell/letters.ts";
import styles from "./DoorsPage.module.css";

export interface DoorsHeaderProps {
  online: number;
  offline: number;
  total: number;
  sites: string[];
  /** Doors this person may call. */
  callable: Door[];
  hasFavourites: boolean;
  /** Where the queue does not stand beside the doors. */
  openQueue?: () => void;
}

/** Title, counts, which doors, and the call button. */
export function DoorsHeader(props: DoorsHeaderProps) {
  const { t } = useTranslation("doors");
  const shortcut = useShortcut();
  const rings = useLivePart((state) => state.rings).filter((ring) => ring.phase === "ringing").length;
  return (
    <header className={styles.header}>
      <h1>{t("title")}</h1>
      <span className={styles.online}>
        <StatusDot status="online" label={t("tile.online")} />
        {t("online", { count: props.online })}
      </span>
      {props.offline > 0 && <Chip tone="stop">{t("offline", { count: props.offline })}</Chip>}
      <div className={styles.tools}>
        <Filter {...props} />
        {props.openQueue && (
          <Indicator label={rings} size={18} disabled={rings === 0} color="ring" autoContrast={false}>
            <Button
              variant="default"
              leftSection={<IconUsers size={16} stroke={1.75} aria-hidden />}
              rightSection={<Key>Q</Key>}
              aria-keyshortcuts={shortcut("Q")}
              onClick={props.openQueue}
            >
              {t("queue.title")}
            </Button>
          </Indicator>
        )}
        {props.callable.length > 0 && <CallMenu doors={props.callable} />}
      </div>
    </header>
  );
}

/** Lives in the address. */
function Filter({ sites, total, hasFavourites }: DoorsHeaderProps) {
  const { t } = useTranslation("doors");
  const format = useFormat();
  const navigate = useNavigate();
  const { site, show } = useSearch({ from: "/signed-in/" });
  const value = show === "favourites" ? "favourites" : site ? `site:${site}` : "all";
  const choose = (next: string | null) => {
    const search =
      next === "favourites"
        ? { show: "favourites" as const }
        : next?.startsWith("site:")
          ? { site: next.slice(5) }
          : {};
    void navigate({ to: "/", search, replace: true });
  };
  const favourites = hasFavourites || show === "favourites";
  if (!favourites && sites.length < 2) return null;
  const all = { value: "all", label: t("filter.all", { number: format.number(total) }) };
  const perSite = sites.length > 1 ? sites.map((name) => ({ value: `site:${name}`, label: name })) : [];
  if (sites.length > 3) {
    const starred = favourites ? [{ value: "favourites", label: t("filter.favourites") }] : [];
    return (
      <Select
        aria-label={t("filter.label")}
        value={value}
        onChange={choose}
        allowDeselect={false}
        searchable
        data={[...starred, all, ...perSite]}
        w={220}
      />
    );
  }
  const star = (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 8 }}>
      <IconStar size={16} stroke={1.75} aria-hidden />
      {t("filter.favourites")}
    </span>
  );
  return (
    <SegmentedControl
      aria-label={t("filter.label")}
      value={value}
      onChange={choose}
      data={[...(favourites ? [{ value: "favourites", label: star }] : []), all, ...perSite]}
    />
  );
}

function CallMenu({ doors }: { doors: Door[] }) {
  const { t } = useTranslation("doors");
  const shortcut = useShortcut();
  const live = useLiveClient();
  const known = useLive();
  const active = usePageHasKeys();
  const [opened, open] = useDisclosure(false);
  useKeys(active && !opened, (key) => {
    if (key !== "c") return false;
    open.open();
    return true;
  });
  return (
    <Menu opened={opened} onChange={(now) => (now ? open.open() : open.close())} position="bottom-end" width={280}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconPhoneCall size={16} stroke={1.75} aria-hidden />}
          rightSection={<Key>C</Key>}
          aria-keyshortcuts={shortcut("C")}
        >
          {t("call")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
        <Menu.Label>{t("callWhich")}</Menu.Label>
        {doors.map((door) => {
          const online = isOnline(known, door);
          const words = t(online ? "tile.online" : "tile.offline");
          return (
            <Menu.Item
              key={door.deviceId}
              disabled={!online}
              leftSection={<StatusDot status={online ? "online" : "offline"} label={words} />}
              rightSection={<span className={styles.site}>{door.site}</span>}
              onClick={() => live.call(door, false)}
            >
              {door.name}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
