import { Tooltip } from "@mantine/core";
import { type Icon, IconDoor, IconHistory, IconSearch, IconStethoscope } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useMatch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import { ownershipQuery } from "../api/ownership-queries.ts";
import { missedQuery } from "../api/queries.ts";
import { Key } from "../calls/Key.tsx";
import { useFormat } from "../i18n/format.ts";
import { useLivePart } from "../live/hooks.ts";
import { AccountCard } from "./AccountCard.tsx";
import { useMe } from "./me.ts";
import { OrganisationMenu } from "./OrganisationMenu.tsx";
import styles from "./Shell.module.css";
import { setUp } from "./set-up.ts";

const iconLook = { size: 16, stroke: 1.75, "aria-hidden": true };

export interface SideBarProps {
  find: () => void;
  showKeys: () => void;
  /** Icons alone, their names in tooltips. */
  narrow: boolean;
  /** A page was chosen. */
  onGo?: () => void;
}

/** The organisation, the pages, and the person. */
export function SideBar({ find, showKeys, narrow, onGo }: SideBarProps) {
  const { t } = useTranslation("shell");
  const format = useFormat();
  const me = useMe();
  const rings = useLivePart((state) => state.rings).filter((ring) => ring.phase !== "ended").length;
  const missed = useQuery(missedQuery).data ?? 0;
  const offered = useQuery(ownershipQuery).data?.some(({ to }) => to.userId === me.user.id) ?? false;
  const isOffered = (name: string) => offered && name === "people";
  const allowed = setUp.filter(({ action, name }) => may(me.role, action) || isOffered(name));
  return (
    <>
      <OrganisationMenu narrow={narrow} onGo={onGo} />
      <Tip label={t("finder.open")} narrow={narrow}>
        <button type="button" className={styles.find} onClick={find} aria-keyshortcuts="Control+K">
          <IconSearch {...iconLook} />
          <span className={styles.findWords}>{t("finder.open")}</span>
          <span className={styles.findKeys}>
            <Key>Ctrl</Key>
            <Key always>K</Key>
          </span>
        </button>
      </Tip>
      <nav aria-label={t("nav.label")}>
        <ul className={styles.nav}>
          <Page to="/" name={t("nav.doors")} icon={IconDoor} narrow={narrow} onGo={onGo}>
            {rings > 0 && (
              <span
                className={styles.count}
                data-tone="ring"
                role="img"
                aria-label={t("nav.ringing", { count: rings })}
              >
                {rings}
              </span>
            )}
          </Page>
          <Page to="/history" name={t("nav.history")} icon={IconHistory} narrow={narrow} onGo={onGo}>
            {missed > 0 && (
              <span className={styles.count} data-tone="stop">
                {narrow ? format.number(missed) : t("nav.missed", { number: format.number(missed) })}
              </span>
            )}
          </Page>
          <Page to="/check" name={t("nav.check")} icon={IconStethoscope} narrow={narrow} onGo={onGo} />
        </ul>
        {allowed.length > 0 && (
          <>
            <h2 className={styles.group} id="set-up">
              {t("nav.setUp")}
            </h2>
            <ul className={styles.nav} aria-labelledby="set-up">
              {allowed.map(({ to, name, icon }) => (
                <Page key={to} to={to} name={t(`nav.${name}`)} icon={icon} narrow={narrow} onGo={onGo}>
                  {isOffered(name) && (
                    <span className={styles.count} data-tone="ring" role="img" aria-label={t("nav.offered")}>
                      {format.number(1)}
                    </span>
                  )}
                </Page>
              ))}
            </ul>
          </>
        )}
      </nav>
      <div className={styles.fill} />
      <AccountCard narrow={narrow} showKeys={showKeys} />
    </>
  );
}

interface PageProps {
  to: "/" | "/history" | "/check" | (typeof setUp)[number]["to"];
  name: string;
  icon: Icon;
  narrow: boolean;
  onGo: (() => void) | undefined;
  /** How much of it waits. */
  children?: ReactNode;
}

function Page({ to, name, icon: Picture, narrow, onGo, children }: PageProps) {
  const claiming = useMatch({ from: "/signed-in/claim", shouldThrow: false }) !== undefined;
  return (
    <li>
      <Tip label={name} narrow={narrow}>
        <Link
          to={to}
          activeOptions={{ exact: to === "/", includeSearch: false }}
          className={styles.item}
          data-within={(to === "/devices" && claiming) || undefined}
          onClick={onGo}
        >
          <Picture {...iconLook} />
          <span className={styles.name}>{name}</span>
          {children}
        </Link>
      </Tip>
    </li>
  );
}

function Tip({ label, narrow, children }: { label: string; narrow: boolean; children: ReactNode }) {
  return (
    <Tooltip label={label} position="right" disabled={!narrow}>
      <div>{children}</div>
    </Tooltip>
  );
}
