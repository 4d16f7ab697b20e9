import { Button } from "@mantine/core";
import { IconUsersGroup } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { Team } from "#core/messages/people.ts";
import { teamsQuery } from "../api/team-queries.ts";
import { ClosePane } from "../design/ClosePane.tsx";
import { EmptyState } from "../design/EmptyState.tsx";
import { Scrolling } from "../design/Scrolling.tsx";
import { useMe } from "../shell/me.ts";
import { EndTeamDialog } from "./EndTeamDialog.tsx";
import styles from "./Person.module.css";
import { TeamAccess } from "./TeamAccess.tsx";
import { TeamMembers } from "./TeamMembers.tsx";
import { TeamNameDialog } from "./TeamNameDialog.tsx";

/** The team in the address: who belongs to it, where it gets to, its name, and its end. */
export function TeamPane() {
  const { t } = useTranslation("teams");
  const { teamId } = useParams({ from: "/signed-in/people/teams/$teamId" });
  const list = useQuery(teamsQuery).data;
  const team = list?.find((one) => one.teamId === teamId);
  const navigate = useNavigate();
  const close = <ClosePane label={t("close")} close={() => void navigate({ to: "/people/teams" })} />;
  // While the list loads, or where it failed to, the list itself says so.
  if (!list) return null;
  if (team) return <Pane key={teamId} team={team} close={close} />;
  return (
    <Scrolling as="aside" className={styles.pane} aria-label={t("gone.title")}>
      <div className={styles.alone}>{close}</div>
      <EmptyState icon={<IconUsersGroup size={20} stroke={1.75} />} title={t("gone.title")} text={t("gone.text")} />
    </Scrolling>
  );
}

function Pane({ team, close }: { team: Team; close: ReactNode }) {
  const { t } = useTranslation("teams");
  const mayChange = may(useMe().role, "change-teams");
  const [asks, setAsks] = useState<"name" | "end">();
  return (
    <Scrolling as="aside" className={styles.pane} aria-label={team.name}>
      <header className={styles.head}>
        <span className={styles.place} aria-hidden>
          <IconUsersGroup size={16} stroke={1.75} />
        </span>
        <div className={styles.titles}>
          <h2 title={team.name}>{team.name}</h2>
          <span>{t("line.people", { count: team.members.length })}</span>
        </div>
        {close}
      </header>
      <TeamMembers team={team} />
      <TeamAccess team={team} />
      {mayChange && (
        <footer className={`${styles.foot} ${styles.buttons}`}>
          <Button variant="default" onClick={() => setAsks("name")}>
            {t("rename.open")}
          </Button>
          <Button variant="default" c="var(--stop-t)" onClick={() => setAsks("end")}>
            {t("end.open")}
          </Button>
        </footer>
      )}
      {asks === "name" && <TeamNameDialog team={team} close={() => setAsks(undefined)} />}
      {asks === "end" && <EndTeamDialog team={team} close={() => setAsks(undefined)} />}
    </Scrolling>
  );
}
