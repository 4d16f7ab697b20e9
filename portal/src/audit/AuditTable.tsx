import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AuditEntry } from "#core/messages/people.ts";
import { Initials } from "../design/Initials.tsx";
import { groupByDay } from "../history/days.ts";
import { useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import styles from "./Audit.module.css";
import { useAuditWords } from "./use-audit-words.ts";

/** A row for each thing that was done, under its day. */
export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  const { t } = useTranslation("audit");
  const history = useTranslation("history").t;
  const format = useFormat();
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t("column.when")}</th>
          <th scope="col">{t("column.who")}</th>
          <th scope="col">{t("column.what")}</th>
          <th scope="col">{t("column.before")}</th>
          <th scope="col">{t("column.after")}</th>
        </tr>
      </thead>
      {groupByDay(entries, ({ at }) => at, Date.now()).map(({ day, relative, rows }) => (
        <tbody key={day}>
          <tr className={styles.dayRow}>
            <th scope="rowgroup" colSpan={5}>
              {relative ? history(relative, { day: format.day(day) }) : format.day(day)}
            </th>
          </tr>
          {rows.map((entry) => (
            <Row key={entry.id} entry={entry} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

function Row({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation("audit");
  const format = useFormat();
  const words = useAuditWords();
  const own = entry.by?.userId === useMe().user.id;
  const { sentence, before, after } = words(entry);
  return (
    <tr>
      <td className={styles.when}>
        <time dateTime={new Date(entry.at).toISOString()}>{format.clockSeconds(entry.at)}</time>
      </td>
      <td>
        <span className={styles.by}>
          <Initials name={entry.by?.name ?? "Symphony"} />
          <span>{own ? t("you") : (entry.by?.name ?? t("platform"))}</span>
        </span>
      </td>
      <td className={styles.what}>{sentence}</td>
      <td className={styles.value} data-name={before && t("column.before")}>
        <Value text={before} />
      </td>
      <td className={styles.value} data-name={after && t("column.after")}>
        <Value text={after} />
      </td>
    </tr>
  );
}

/** Longer ones are unfolded. */
const shown = 120;

function Value({ text }: { text: string | undefined }) {
  const { t } = useTranslation("audit");
  const [whole, show] = useState(false);
  if (text === undefined || text.length <= shown || whole) return text;
  return (
    <>
      {text.slice(0, shown)}…{" "}
      <button type="button" className={styles.all} onClick={() => show(true)}>
        {t("all")}
      </button>
    </>
  );
}
