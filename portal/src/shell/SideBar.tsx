import { Tooltip } from "@mantine/core";
import { IconCpu, IconDoor, IconHistory, IconRefreshDot, IconSearch, IconStethoscope } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import { missedQuery } from "../api/queries.ts";
import { Key } from "../calls/Key.tsx";
import { useFormat } from "../i18n/format.ts";
import { useLivePart } from "../live/hooks.ts";
import { AccountCard } from "./AccountCard.tsx";
import { useMe } from "./me.ts";
import { OrganisationMenu } from "./OrganisationMenu.tsx";
import styles from "./Shell.module.css";

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
  const icon = { size: 16, stroke: 1.75, "aria-hidden": true };
  return (
    <>
      <OrganisationMenu narrow={narrow} />
      <Tip label={t("finder.open")} narrow={narrow}>
        <button type="button" className={styles.find} onClick={find} aria-keyshortcuts="Control+K">
          <IconSearch {...icon} />
          <span className={styles.findWords}>{t("finder.open")}</span>
          <span className={styles.findKeys}>
            <Key>Ctrl</Key>
            <Key always>K</Key>
          </span>
        </button>
      </Tip>
      <nav aria-label={t("nav.label")}>
        <ul className={styles.nav}>
          <li>
            <Tip label={t("nav.doors")} narrow={narrow}>
              <Link to="/" activeOptions={{ exact: true, includeSearch: false }} className={styles.item} onClick={onGo}>
                <IconDoor {...icon} />
                <span className={styles.name}>{t("nav.doors")}</span>
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
              </Link>
            </Tip>
          </li>
          <li>
            <Tip label={t("nav.history")} narrow={narrow}>
              <Link to="/history" activeOptions={{ includeSearch: false }} className={styles.item} onClick={onGo}>
                <IconHistory {...icon} />
                <span className={styles.name}>{t("nav.history")}</span>
                {missed > 0 && (
                  <span className={styles.count} data-tone="stop">
                    {narrow ? format.number(missed) : t("nav.missed", { number: format.number(missed) })}
                  </span>
                )}
              </Link>
            </Tip>
          </li>
          {may(me.role, "see-devices") && (
            <li>
              <Tip label={t("nav.devices")} narrow={narrow}>
                <Link to="/devices" activeOptions={{ includeSearch: false }} className={styles.item} onClick={onGo}>
                  <IconCpu {...icon} />
                  <span className={styles.name}>{t("nav.devices")}</span>
                </Link>
              </Tip>
            </li>
          )}
          {may(me.role, "see-devices") && (
            <li>
              <Tip label={t("nav.firmware")} narrow={narrow}>
                <Link to="/firmware" className={styles.item} onClick={onGo}>
                  <IconRefreshDot {...icon} />
                  <span className={styles.name}>{t("nav.firmware")}</span>
                </Link>
              </Tip>
            </li>
          )}
          <li>
            <Tip label={t("nav.check")} narrow={narrow}>
              <Link to="/check" className={styles.item} onClick={onGo}>
                <IconStethoscope {...icon} />
                <span className={styles.name}>{t("nav.check")}</span>
              </Link>
            </Tip>
          </li>
        </ul>
      </nav>
      <div className={styles.fill} />
      <AccountCard narrow={narrow} showKeys={showKeys} />
    </>
  );
}

function Tip({ label, narrow, children }: { label: string; narrow: boolean; children: ReactNode }) {
  return (
    <Tooltip label={label} position="right" disabled={!narrow}>
      <div>{children}</div>
    </Tooltip>
  );
}
