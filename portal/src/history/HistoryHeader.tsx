import { SegmentedControl } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { allCalls, type CallFilter } from "../api/queries.ts";
import { CsvButton } from "../design/CsvButton.tsx";
import { saveCsv } from "../design/csv.ts";
import page from "../design/Page.module.css";
import { useFormat } from "../i18n/format.ts";
import { SearchField } from "../shell/SearchField.tsx";
import { historyColumns } from "./csv-columns.ts";
import styles from "./HistoryPage.module.css";

/** Title, which calls, search, how many, and the list as a file. */
export function HistoryHeader({ filter, total, missed }: { filter: CallFilter; total?: number; missed?: number }) {
  const { t } = useTranslation("history");
  const format = useFormat();
  const navigate = useNavigate();
  const { show, search } = useSearch({ from: "/signed-in/history" });
  return (
    <header className={styles.header}>
      <div className={page.top}>
        <h1>{t("title")}</h1>
        <div className={styles.tools}>
          <SegmentedControl
            aria-label={t("filter.label")}
            value={show ?? "all"}
            onChange={(value) =>
              void navigate({
                to: "/history",
                search: { search, show: value === "missed" || value === "opened" ? value : undefined },
              })
            }
            data={[
              { value: "all", label: t("filter.all") },
              {
                value: "missed",
                label: missed ? t("filter.missedCount", { number: format.number(missed) }) : t("filter.missed"),
              },
              { value: "opened", label: t("filter.opened") },
            ]}
          />
          <CsvButton
            label={t("csvLabel")}
            save={async () =>
              saveCsv(
                "history",
                await allCalls(filter),
                historyColumns((name) => t(`csvColumns.${name}`)),
              )
            }
          />
        </div>
      </div>
      <div className={page.filters}>
        <SearchField
          className={styles.search}
          label={t("search")}
          clear={t("clear")}
          value={search}
          pause={250}
          onSearch={(text) => void navigate({ to: "/history", search: { show, search: text }, replace: true })}
        />
        {total !== undefined && (
          <span className={styles.total} aria-live="polite">
            {t("calls", { count: total, number: format.number(total) })}
          </span>
        )}
      </div>
    </header>
  );
}
