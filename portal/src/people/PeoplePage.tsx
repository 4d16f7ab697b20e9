import { Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconSearch, IconUserOff, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Outlet, useMatch, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { PeopleList } from "#core/messages/people.ts";
import { peopleQuery } from "../api/people-queries.ts";
import { teamsQuery } from "../api/team-queries.ts";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import page from "../design/Page.module.css";
import { Scrolling } from "../design/Scrolling.tsx";
import { useMe } from "../shell/me.ts";
import { useMoving } from "../shell/use-moving.ts";
import { Invitations } from "./Invitations.tsx";
import { InviteDialog } from "./InviteDialog.tsx";
import { OwnershipOffers } from "./OwnershipOffers.tsx";
import styles from "./People.module.css";
import { PeopleHeader } from "./PeopleHeader.tsx";
import { PeopleSkeleton } from "./PeopleSkeleton.tsx";
import { PeopleTable } from "./PeopleTable.tsx";
import { filtered } from "./people-list.ts";
import { Teams } from "./Teams.tsx";

const icon = { size: 20, stroke: 1.75 };

/** Who belongs to the organisation and who is invited; what one of them is and gets to beside it. */
export function PeoplePage() {
  const { t } = useTranslation("people");
  useDocumentTitle(`${t("title")} · Symphony Cloud`);
  const { role } = useMe();
  const teams = useMatch({ from: "/signed-in/people/teams", shouldThrow: false });
  if (may(role, "see-people")) return teams ? <Teams /> : <People />;
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={page.top}>
          <h1>{t("title")}</h1>
        </div>
      </header>
      <Scrolling className={styles.list} aria-label={t("title")}>
        <OwnershipOffers />
        <EmptyState icon={<IconUserOff {...icon} />} title={t("notYours.title")} text={t("notYours.text")} />
      </Scrolling>
    </div>
  );
}

function People() {
  const { t } = useTranslation("people");
  const navigate = useNavigate();
  const filter = useSearch({ from: "/signed-in/people" });
  const { userId } = useParams({ strict: false });
  const list = useQuery(peopleQuery);
  const mayInvite = may(useMe().role, "invite-people") && list.data !== undefined;
  const [inviting, setInviting] = useState(false);
  const invite = mayInvite ? () => setInviting(true) : undefined;
  const shown = filtered(list.data?.people ?? [], filter, useQuery(teamsQuery).data);
  useMoving(
    shown.map((person) => person.userId),
    userId,
    (next) =>
      void navigate({ to: "/people/$userId", params: { userId: next }, search: true, replace: userId !== undefined }),
  );
  return (
    <div className={styles.page} data-detail={userId ? true : undefined}>
      <PeopleHeader people={list.data?.people} invite={invite} />
      <div className={styles.content}>
        <Scrolling className={styles.list} aria-label={t("title")}>
          {list.data ? (
            <>
              <OwnershipOffers />
              {list.data.invitations.length > 0 && <Invitations list={list.data} />}
              {shown.length > 0 && <PeopleTable people={shown} selected={userId} />}
              <Nothing list={list.data} shown={shown.length} invite={invite} />
            </>
          ) : list.isError ? (
            <ErrorState title={t("failed")} error={list.error} again={() => void list.refetch()} />
          ) : (
            <PeopleSkeleton />
          )}
        </Scrolling>
        <Outlet />
      </div>
      {inviting && <InviteDialog givable={list.data?.mayGive ?? []} close={() => setInviting(false)} />}
    </div>
  );
}

/** Where nobody was found, or nobody else is there yet. */
function Nothing({ list, shown, invite }: { list: PeopleList; shown: number; invite: (() => void) | undefined }) {
  const { t } = useTranslation("people");
  const navigate = useNavigate();
  if (shown === 0) {
    return (
      <EmptyState
        icon={<IconSearch {...icon} />}
        title={t("empty.none")}
        next={
          <Button variant="default" onClick={() => void navigate({ to: "/people", search: {} })}>
            {t("empty.showAll")}
          </Button>
        }
      />
    );
  }
  if (list.people.length > 1 || list.invitations.length > 0) return null;
  return (
    <EmptyState
      icon={<IconUsers {...icon} />}
      title={t("empty.alone")}
      text={t("empty.aloneText")}
      next={invite && <Button onClick={invite}>{t("invite.open")}</Button>}
    />
  );
}
