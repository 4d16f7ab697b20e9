import { SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { allCalls, type CallFilter, type CallListPage, doorsQuery } from "../api/queries.ts";
import { CsvButton } from "../design/CsvButton.tsx";
import { saveCsv } from "../design/csv.ts";
import page from "../design/Page.module.css";
import { useFormat } from "../i18n/format.ts";
import { SearchField } from "../shell/SearchField.tsx";
import { historyColumns } from "./csv-columns.ts";
import styles from "./HistoryPage.module.css";
import { type HistorySearch, outcomes, spans } from "./history-filter.ts";

interface ChoiceProps {
  name: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  data: { value: string; label: string }[];
}

/** One of several, or all: then it says what it chooses by. */
function Choice({ name, value, onChange, data }: ChoiceProps) {
  return (
    <Select
      className={styles.choice}
      aria-label={name}
      placeholder={name}
      clearable
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? undefined)}
      data={data}
    />
  );
}

/** Title, which calls, search, how many, and the list as a file. */
export function HistoryHeader({ filter, newest }: { filter: CallFilter; newest: CallListPage | undefined }) {
  const { t } = useTranslation("history");
  const format = useFormat();
  const navigate = useNavigate();
  const search = useSearch({ from: "/signed-in/history" });
  const doors = useQuery(doorsQuery).data ?? [];
  const set = (part: HistorySearch, replace = false) =>
    void navigate({ to: "/history", search: { ...search, ...part }, replace });
  const { total, missed, people = [] } = newest ?? {};
  return (
    <header className={styles.header}>
      <div className={page.top}>
        <h1>{t("title")}</h1>
        <div className={styles.tools}>
          <SegmentedControl
            aria-label={t("filter.label")}
            value={search.show ?? "all"}
            onChange={(value) => set({ show: value === "missed" || value === "opened" ? value : undefined })}
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
          value={search.search}
          pause={250}
          onSearch={(text) => set({ search: text }, true)}
        />
        <Choice
          name={t("choose.last")}
          value={search.last}
          onChange={(value) => set({ last: spans.find((span) => span === value) })}
          data={spans.map((span) => ({ value: span, label: t(`last.${span}`) }))}
        />
        <Choice
          name={t("choose.site")}
          value={search.site}
          onChange={(site) => set({ site })}
          data={[...new Set(doors.map(({ site }) => site))].sort().map((site) => ({ value: site, label: site }))}
        />
        <Choice
          name={t("choose.outcome")}
          value={filter.outcome}
          onChange={(value) =>
            set({
              show: search.show === "missed" ? undefined : search.show,
              outcome: outcomes.find((one) => one === value),
            })
          }
          data={outcomes.map((one) => ({
            value: one,
            label: t(one === "placed" ? "outcome.placedOther" : `outcome.${one}`),
          }))}
        />
        <Choice
          name={t("choose.by")}
          value={search.by}
          onChange={(by) => set({ by })}
          data={people.map(({ userId, name }) => ({ value: userId, label: name }))}
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
