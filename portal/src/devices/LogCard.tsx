import { Button, Loader, Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconEye, IconPlugConnectedX, IconUpload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeviceDetail } from "#core/messages/device-api.ts";
import type { DeviceLogList, DeviceLogRow } from "#core/messages/device-logs.ts";
import { askForLog, logsQuery } from "../api/device-log-queries.ts";
import { ErrorState } from "../design/ErrorState.tsx";
import { sameDay, useFormat } from "../i18n/format.ts";
import { Card } from "./Card.tsx";
import styles from "./Log.module.css";
import { LogLines } from "./LogLines.tsx";

/** The logs of a device: asked for here, or as it sent them by itself. @param open shows lines at once, and not first when somebody wants to look */
export function LogCard({ device: { deviceId, name }, open = false }: { device: DeviceDetail; open?: boolean }) {
  const { t } = useTranslation("devices");
  const queries = useQueryClient();
  const [looks, setLooks] = useState(open);
  const [chosen, setChosen] = useState<string | null>(null);
  const list = useQuery(logsQuery(deviceId));
  const ask = useMutation({
    mutationFn: () => askForLog(deviceId),
    onSettled: () => queries.invalidateQueries({ queryKey: logsQuery(deviceId).queryKey }),
    onError: (error) =>
      notifications.show({ color: "stop", message: t("one.command.notAsked", { why: error.message }) }),
  });
  if (list.isError)
    return <ErrorState title={t("one.log.failed")} error={list.error} again={() => void list.refetch()} />;
  if (!list.data) return null;
  const { request, logs } = list.data;
  const log = logs.find(({ logId }) => logId === chosen) ?? logs[0];
  return (
    <Card
      title={t("one.log.title")}
      beside={
        <>
          {log && <Which logs={logs} log={log} choose={setChosen} />}
          <Button
            className={styles.fetch}
            variant="default"
            leftSection={<IconUpload size={16} stroke={1.75} aria-hidden />}
            loading={ask.isPending}
            disabled={request?.state === "asked"}
            onClick={() => {
              setChosen(null);
              ask.mutate();
            }}
          >
            {t("one.log.fetch")}
          </Button>
        </>
      }
    >
      <div aria-live="polite">{request && <RequestState request={request} />}</div>
      {!log && request?.state !== "asked" && <p className={styles.none}>{t("one.log.none")}</p>}
      {log && looks && <LogLines key={log.logId} deviceId={deviceId} name={name} log={log} />}
      {log && (
        <div className={styles.foot}>
          {!looks && (
            <Button
              variant="default"
              leftSection={<IconEye size={16} stroke={1.75} aria-hidden />}
              onClick={() => setLooks(true)}
            >
              {t("one.log.look")}
            </Button>
          )}
          <p>{t("one.log.audited")}</p>
        </div>
      )}
    </Card>
  );
}

/** What became of the last request, as long as it is not simply there. */
function RequestState({ request: { state, at, by } }: { request: NonNullable<DeviceLogList["request"]> }) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  if (state === "arrived") return null;
  const icons: Record<typeof state, ReactNode> = {
    asked: <Loader size={14} color="ring" aria-hidden />,
    offline: <IconPlugConnectedX size={16} stroke={1.75} aria-hidden />,
    failed: <IconAlertTriangle size={16} stroke={1.75} aria-hidden />,
  };
  const time = sameDay(at, Date.now()) ? format.clock(at) : format.dateClock(at);
  return (
    <p className={styles.request} data-state={state}>
      {icons[state]}
      {t(`one.log.request.${state}`, { time, name: by })}
    </p>
  );
}

function Which({
  logs,
  log,
  choose,
}: {
  logs: DeviceLogRow[];
  log: DeviceLogRow;
  choose: (id: string | null) => void;
}) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  const named = ({ streamed, askedBy, at, lines }: DeviceLogRow) => {
    const time = sameDay(at, Date.now()) ? format.clock(at) : format.dateClock(at);
    const how = streamed
      ? t("one.log.streamed", { date: format.date(at), time: format.clock(at) })
      : t("one.log.asked", { time, name: askedBy ?? "" });
    return `${how} · ${t("one.log.lines", { count: lines, number: format.number(lines) })}`;
  };
  if (logs.length === 1) return <span className={styles.about}>{named(log)}</span>;
  return (
    <Select
      className={styles.choice}
      aria-label={t("one.log.which")}
      allowDeselect={false}
      value={log.logId}
      onChange={choose}
      data={logs.map((one) => ({ value: one.logId, label: named(one) }))}
    />
  );
}
