import { Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconHistory, IconPhoneCheck, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { callsQuery, doorsQuery } from "../api/queries.ts";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { Scrolling } from "../design/Scrolling.tsx";
import { useFormat } from "../i18n/format.ts";
import { useMoving } from "../shell/use-moving.ts";
import { CallRow } from "./CallRow.tsx";
import { groupByDay } from "./days.ts";
import { HistoryHeader } from "./HistoryHeader.tsx";
import styles from "./HistoryPage.module.css";
import { HistorySkeleton } from "./HistorySkeleton.tsx";
import { filterOf, type HistorySearch } from "./history-filter.ts";

/** Every call, newest first; the details of one beside it. */
export function HistoryPage() {
  const { t } = useTranslation("history");
  useDocumentTitle(`${t("title")} · Symphony Cloud`);
  const search = useSearch({ from: "/signed-in/history" });
  const { callId } = useParams({ strict: false });
  const filter = filterOf(search);
  const calls = useInfiniteQuery(callsQuery(filter));
  const list = calls.data?.pages.flatMap((page) => page.calls) ?? [];
  const navigate = useNavigate();
  useMoving(
    list.map((call) => call.callId),
    callId,
    (next) =>
      void navigate({
        to: "/history/$callId",
        params: { callId: next },
        search: true,
        replace: callId !== undefined,
      }),
  );
  const newest = calls.data?.pages[0];
  return (
    <div className={styles.page} data-detail={callId ? true : undefined}>
      <HistoryHeader filter={filter} newest={newest} />
      <div className={styles.content}>
        <Scrolling className={styles.list} aria-label={t("title")}>
          <CallList calls={calls} selected={callId} filter={search} />
        </Scrolling>
        <Outlet />
      </div>
    </div>
  );
}

interface ListProps {
  calls: ReturnType<typeof useInfiniteQuery<Page, Error, { pages: Page[] }>>;
  selected?: string;
  filter: HistorySearch;
}
type Page = Awaited<ReturnType<NonNullable<Exclude<ReturnType<typeof callsQuery>["queryFn"], symbol | undefined>>>>;

function CallList({ calls, selected, filter }: ListProps) {
  const { t } = useTranslation("history");
  const format = useFormat();
  const doors = useQuery(doorsQuery).data ?? [];
  if (calls.isPending) return <HistorySkeleton />;
  if (!calls.data) {
    return <ErrorState title={t("failed")} error={calls.error} again={() => void calls.refetch()} />;
  }
  const list = calls.data.pages.flatMap((page) => page.calls);
  if (list.length === 0) return <Nothing {...filter} />;
  return (
    <>
      {groupByDay(list, (call) => call.startedAt, Date.now()).map((group) => (
        <section key={group.day} className={styles.day}>
          <h2>{group.relative ? t(group.relative, { day: format.day(group.day) }) : format.day(group.day)}</h2>
          <ol>
            {group.rows.map((call) => (
              <CallRow
                key={call.callId}
                call={call}
                door={doors.find((door) => door.deviceId === call.deviceId)}
                selected={call.callId === selected}
              />
            ))}
          </ol>
        </section>
      ))}
      {calls.isFetchNextPageError && (
        <ErrorState title={t("failed")} error={calls.error} again={() => void calls.fetchNextPage()} />
      )}
      {calls.hasNextPage && (
        <div className={styles.more}>
          <Button variant="default" loading={calls.isFetchingNextPage} onClick={() => void calls.fetchNextPage()}>
            {t("more")}
          </Button>
        </div>
      )}
    </>
  );
}

function Nothing({ show, search, ...chosen }: HistorySearch) {
  const { t } = useTranslation("history");
  const navigate = useNavigate();
  const icon = { size: 20, stroke: 1.75 };
  const all = (
    <Button variant="default" onClick={() => void navigate({ to: "/history", search: {} })}>
      {t("empty.showAll")}
    </Button>
  );
  if (search) {
    return (
      <EmptyState
        icon={<IconSearch {...icon} />}
        title={t("empty.search", { search })}
        text={t("empty.searchText")}
        next={all}
      />
    );
  }
  if (Object.values(chosen).some((one) => one !== undefined))
    return <EmptyState icon={<IconSearch {...icon} />} title={t("empty.chosen")} next={all} />;
  if (show === "missed") {
    return <EmptyState icon={<IconPhoneCheck {...icon} />} title={t("empty.missed")} next={all} />;
  }
  if (show === "opened") return <EmptyState icon={<IconHistory {...icon} />} title={t("empty.opened")} next={all} />;
  return <EmptyState icon={<IconHistory {...icon} />} title={t("empty.title")} text={t("empty.text")} />;
}
