import { Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconListSearch, IconUserOff } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { AuditFilter } from "#core/messages/people.ts";
import { auditQuery } from "../api/people-queries.ts";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { Scrolling } from "../design/Scrolling.tsx";
import { useMe } from "../shell/me.ts";
import styles from "./Audit.module.css";
import { AuditHeader } from "./AuditHeader.tsx";
import { AuditSkeleton } from "./AuditSkeleton.tsx";
import { AuditTable } from "./AuditTable.tsx";
import { filterOf } from "./audit-filter.ts";

const icon = { size: 20, stroke: 1.75 };

/** Who changed and opened what, and how it was before: newest first. */
export function AuditPage() {
  const { t } = useTranslation("audit");
  useDocumentTitle(`${t("title")} · Symphony Cloud`);
  const search = useSearch({ from: "/signed-in/audit" });
  if (!may(useMe().role, "see-audit"))
    return <EmptyState icon={<IconUserOff {...icon} />} title={t("notYours.title")} text={t("notYours.text")} />;
  const filter = filterOf(search);
  return (
    <div className={styles.page}>
      <AuditHeader filter={filter} />
      <Scrolling className={styles.content} aria-label={t("title")}>
        <Entries filter={filter} />
      </Scrolling>
    </div>
  );
}

function Entries({ filter }: { filter: AuditFilter }) {
  const { t } = useTranslation("audit");
  const audit = useInfiniteQuery(auditQuery(filter));
  if (audit.isPending) return <AuditSkeleton />;
  if (!audit.data) return <ErrorState title={t("failed")} error={audit.error} again={() => void audit.refetch()} />;
  const entries = audit.data.pages.flatMap((page) => page.entries);
  if (entries.length === 0) return <Nothing filtered={Object.keys(filter).length > 0} />;
  return (
    <>
      <AuditTable entries={entries} />
      {audit.isFetchNextPageError && (
        <ErrorState title={t("failed")} error={audit.error} again={() => void audit.fetchNextPage()} />
      )}
      {audit.hasNextPage && (
        <div className={styles.more}>
          <Button variant="default" loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            {t("more")}
          </Button>
        </div>
      )}
    </>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  const { t } = useTranslation("audit");
  const navigate = useNavigate();
  if (!filtered)
    return <EmptyState icon={<IconListSearch {...icon} />} title={t("empty.title")} text={t("empty.text")} />;
  return (
    <EmptyState
      icon={<IconListSearch {...icon} />}
      title={t("empty.none")}
      next={
        <Button variant="default" onClick={() => void navigate({ to: "/audit", search: {} })}>
          {t("empty.showAll")}
        </Button>
      }
    />
  );
}
