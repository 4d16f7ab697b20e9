import { Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { auditKinds } from "#core/access/audit-kinds.ts";
import type { AuditFilter } from "#core/messages/people.ts";
import { auditPeopleQuery, wholeAudit } from "../api/people-queries.ts";
import { CsvButton } from "../design/CsvButton.tsx";
import { saveCsv } from "../design/csv.ts";
import page from "../design/Page.module.css";
import styles from "./Audit.module.css";
import type { AuditSearch } from "./audit-filter.ts";
import { auditColumns } from "./csv-columns.ts";

/** Title, whose, which and when, and what is found as a file. */
export function AuditHeader({ filter }: { filter: AuditFilter }) {
  const { t } = useTranslation("audit");
  const navigate = useNavigate();
  const search = useSearch({ from: "/signed-in/audit" });
  const people = useQuery(auditPeopleQuery).data ?? [];
  const set = (part: AuditSearch) => void navigate({ to: "/audit", search: { ...search, ...part }, replace: true });
  return (
    <header className={page.header}>
      <div className={page.top}>
        <h1>{t("title")}</h1>
        <CsvButton
          label={t("csvLabel")}
          save={async () =>
            saveCsv(
              "audit",
              await wholeAudit(filter),
              auditColumns((name) => t(`csvColumns.${name}`)),
            )
          }
        />
      </div>
      <div className={page.filters}>
        <Select
          className={styles.who}
          aria-label={t("filter.who")}
          placeholder={t("filter.everybody")}
          searchable
          clearable
          value={search.by ?? null}
          onChange={(by) => set({ by: by ?? undefined })}
          data={people.map(({ userId, name }) => ({ value: userId, label: name }))}
        />
        <Select
          className={styles.kind}
          aria-label={t("filter.kind")}
          placeholder={t("filter.everything")}
          clearable
          value={search.kind ?? null}
          onChange={(value) => set({ kind: auditKinds.find((kind) => kind === value) })}
          data={auditKinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
        />
        <div className={styles.days}>
          <Day name={t("filter.from")} value={search.from} onChange={(from) => set({ from })} />
          <Day name={t("filter.until")} value={search.until} onChange={(until) => set({ until })} />
        </div>
      </div>
    </header>
  );
}

interface DayProps {
  name: string;
  value: string | undefined;
  onChange: (day: string | undefined) => void;
}

function Day({ name, value, onChange }: DayProps) {
  const id = useId();
  return (
    <div className={styles.day}>
      <label htmlFor={id}>{name}</label>
      <TextInput
        id={id}
        type="date"
        value={value ?? ""}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    </div>
  );
}
