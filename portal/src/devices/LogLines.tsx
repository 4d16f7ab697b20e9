import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { IconDownload, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { fittingLines, type LogLevel, type LogLine } from "#core/device/log.ts";
import type { DeviceLogRow } from "#core/messages/device-logs.ts";
import { logQuery } from "../api/device-log-queries.ts";
import { ErrorState } from "../design/ErrorState.tsx";
import { saveFile } from "../design/save-file.ts";
import { sameDay, useFormat } from "../i18n/format.ts";
import styles from "./Log.module.css";

/** So many lines are on the page at once, the newest: all of them are in the file. */
const shownAtOnce = 1_000;

/** A log's lines: searched, narrowed down to what is urgent, saved. */
export function LogLines({ deviceId, name, log }: { deviceId: string; name: string; log: DeviceLogRow }) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  const [search, setSearch] = useState("");
  const [least, setLeast] = useState<LogLevel>("debug");
  const contents = useQuery({
    ...logQuery(deviceId, log.logId, log.lines),
    // More came: what was there stays until they are.
    placeholderData: (before) => before,
  });
  const searched = useDeferredValue(search);
  const lines = contents.data?.lines;
  const fitting = useMemo(() => fittingLines(lines ?? [], searched, least), [lines, searched, least]);
  if (contents.isError)
    return <ErrorState title={t("one.log.failed")} error={contents.error} again={() => void contents.refetch()} />;
  if (!lines) return null;
  const shown = fitting.slice(-shownAtOnce);
  return (
    <>
      <div className={styles.tools}>
        <TextInput
          className={styles.search}
          type="search"
          placeholder={t("one.log.search")}
          aria-label={t("one.log.search")}
          leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label={t("one.log.level.label")}
          value={least}
          onChange={(value) => setLeast(value)}
          data={[
            { value: "debug", label: t("one.log.level.all") },
            { value: "warn", label: t("one.log.level.warn", { number: format.number(log.warnings) }) },
            { value: "error", label: t("one.log.level.error") },
          ]}
        />
        <Button
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.75} aria-hidden />}
          onClick={() => saveFile(fileName(name, log.at), asText(lines), "text/plain")}
        >
          {t("one.log.save")}
        </Button>
      </div>
      {fitting.length > shown.length && (
        <p className={styles.none}>{t("one.log.more", { number: format.number(fitting.length - shown.length) })}</p>
      )}
      {shown.length === 0 ? (
        <p className={styles.none}>{t("one.log.noneFits")}</p>
      ) : (
        <Lines lines={shown} label={t("one.log.label")} />
      )}
    </>
  );
}

function Lines({ lines, label }: { lines: LogLine[]; label: string }) {
  const format = useFormat();
  const list = useRef<HTMLOListElement>(null);
  // The newest are at the end, and wanted first.
  useEffect(() => {
    if (lines.length > 0) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [lines]);
  const [first, last] = [lines[0], lines.at(-1)];
  const oneDay = first !== undefined && last !== undefined && sameDay(first.at, last.at);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys too
    <ol className={styles.lines} ref={list} aria-label={label} tabIndex={0}>
      {lines.map(({ at, level, text }, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name but their place, and are replaced all at once
        <li key={n} data-level={level}>
          <time dateTime={new Date(at).toISOString()}>{oneDay ? format.clockSeconds(at) : format.dateClock(at)}</time>
          <span>{level}</span>
          <span>{text}</span>
        </li>
      ))}
    </ol>
  );
}

const fileName = (name: string, at: number): string =>
  `${name.replaceAll(/[^\p{L}\p{N}]+/gu, "-")}-${new Date(at).toISOString().slice(0, 19).replaceAll(":", "")}.log`;

const asText = (lines: readonly LogLine[]): string =>
  lines.map(({ at, level, text }) => `${new Date(at).toISOString()} ${level.padEnd(5)} ${text}\n`).join("");
