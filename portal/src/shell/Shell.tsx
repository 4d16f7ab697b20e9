import { ActionIcon, Drawer } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { openSpotlight } from "@mantine/spotlight";
import { IconMenu2 } from "@tabler/icons-react";
import { Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { SilentBar } from "../calls/SilentBar.tsx";
import { Mark } from "../design/Mark.tsx";
import { Finder } from "./Finder.tsx";
import { KeysHelp } from "./KeysHelp.tsx";
import { useMe } from "./me.ts";
import styles from "./Shell.module.css";
import { SideBar } from "./SideBar.tsx";
import { useChangedDevices, useChangedOffers, useRecordedCalls } from "./use-news.ts";
import { useShortcuts } from "./use-shortcuts.ts";
import { useWhereabouts } from "./use-whereabouts.ts";

/** The frame of every page of a signed-in person. */
export function Shell() {
  const { t } = useTranslation("shell");
  const { organisation } = useMe();
  const narrow = useMediaQuery("(min-width: 900px) and (max-width: 1199px)", false, { getInitialValueInEffect: false });
  const [keys, showKeys] = useDisclosure(false);
  const [menu, showMenu] = useDisclosure(false);
  useShortcuts(showKeys.open);
  useRecordedCalls();
  useChangedDevices();
  useChangedOffers();
  useWhereabouts();
  const side = { find: openSpotlight, showKeys: showKeys.open };
  return (
    <div className={styles.shell}>
      <a href="#page" className={styles.skip}>
        {t("nav.skip")}
      </a>
      <div className={styles.bar}>
        <SilentBar />
      </div>
      <section className={styles.side} aria-label={t("nav.menu")}>
        <SideBar {...side} narrow={narrow ?? false} />
      </section>
      <section className={styles.top} aria-label={t("nav.menu")}>
        <ActionIcon variant="subtle" size={36} aria-label={t("nav.menu")} onClick={showMenu.open}>
          <IconMenu2 size={18} stroke={1.75} />
        </ActionIcon>
        <Mark />
        {organisation.name}
      </section>
      <main id="page" className={styles.page} tabIndex={-1} style={{ outline: "none" }}>
        <Outlet />
      </main>
      <Drawer.Root opened={menu} onClose={showMenu.close} size={260}>
        <Drawer.Overlay />
        <Drawer.Content aria-label={t("nav.menu")}>
          <div className={styles.drawer}>
            <SideBar {...side} narrow={false} onGo={showMenu.close} />
          </div>
        </Drawer.Content>
      </Drawer.Root>
      <Finder showKeys={showKeys.open} />
      <KeysHelp opened={keys} onClose={showKeys.close} />
    </div>
  );
}
