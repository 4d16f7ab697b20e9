import { Button } from "@mantine/core";
import { IconUsersGroup, IconUsersPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import { teamsQuery } from "../api/team-queries.ts";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import page from "../design/Page.module.css";
import { Scrolling } from "../design/Scrolling.tsx";
import { useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import { useMoving } from "../shell/use-moving.ts";
import styles from "./People.module.css";
import { PeopleSkeleton } from "./PeopleSkeleton.tsx";
import { TeamNameDialog } from "./TeamNameDialog.tsx";
import { TeamsTable } from "./TeamsTable.tsx";
import { Views } from "./Views.tsx";

/** The teams; who is in one and where it gets to beside it. */
export function Teams() {
  const { t } = useTranslation("teams");
  const format = useFormat();
  const navigate = useNavigate();
  const { teamId } = useParams({ strict: false });
  const list = useQuery(teamsQuery);
  const [making, setMaking] = useState(false);
  const make = may(useMe().role, "change-teams") ? () => setMaking(true) : undefined;
  useMoving(
    (list.data ?? []).map((team) => team.teamId),
    teamId,
    (next) => void navigate({ to: "/people/teams/$teamId", params: { teamId: next }, replace: teamId !== undefined }),
  );
  return (
    <div className={styles.page} data-detail={teamId ? true : undefined}>
      <header className={styles.header}>
        <div className={page.top}>
          <h1>
            {t("view.teams")} {list.data && <span className={page.total}>{format.number(list.data.length)}</span>}
          </h1>
          <Views shown="teams" />
          {make && (
            <Button leftSection={<IconUsersPlus size={16} stroke={1.75} aria-hidden />} onClick={make}>
              {t("make.open")}
            </Button>
          )}
        </div>
      </header>
      <div className={styles.content}>
        <Scrolling className={styles.list} aria-label={t("view.teams")}>
          {list.data ? (
            list.data.length > 0 ? (
              <TeamsTable teams={list.data} selected={teamId} />
            ) : (
              <EmptyState
                icon={<IconUsersGroup size={20} stroke={1.75} />}
                title={t("empty.title")}
                text={t("empty.text")}
                next={make && <Button onClick={make}>{t("make.open")}</Button>}
              />
            )
          ) : list.isError ? (
            <ErrorState title={t("failed")} error={list.error} again={() => void list.refetch()} />
          ) : (
            <PeopleSkeleton />
          )}
        </Scrolling>
        <Outlet />
      </div>
      {making && <TeamNameDialog close={() => setMaking(false)} />}
    </div>
  );
}
