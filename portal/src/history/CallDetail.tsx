import { ActionIcon, Button, CopyButton, Skeleton, Tooltip } from "@mantine/core";
import { IconCheck, IconHistory, IconLink, IconPhoneCall } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { CallDetail } from "#core/messages/portal-api.ts";
import { callQuery, doorsQuery } from "../api/queries.ts";
import { isNotFound } from "../api/request.ts";
import { ClosePane } from "../design/ClosePane.tsx";
import { Delayed } from "../design/Delayed.tsx";
import { EmptyState } from "../design/EmptyState.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { Scrolling } from "../design/Scrolling.tsx";
import { SnapshotThumb } from "../design/SnapshotThumb.tsx";
import { lasted, useFormat } from "../i18n/format.ts";
import { useLiveClient } from "../live/hooks.ts";
import { useMe } from "../shell/me.ts";
import styles from "./CallDetail.module.css";
import { LegTimeline } from "./LegTimeline.tsx";
import { OutcomeChip } from "./OutcomeChip.tsx";
import { timeline } from "./timeline.ts";

/** The details of the call in the address. */
export function CallDetailPane() {
  const { t } = useTranslation("history");
  const { callId } = useParams({ from: "/signed-in/history/$callId" });
  const call = useQuery(callQuery(callId));
  const navigate = useNavigate();
  const close = <ClosePane label={t("detail.close")} close={() => void navigate({ to: "/history", search: true })} />;
  if (call.data) return <Detail call={call.data} close={close} refresh={() => void call.refetch()} />;
  return (
    <Scrolling as="aside" className={styles.pane} aria-label={t("detail.timeline")}>
      <div className={styles.alone}>{close}</div>
      {call.isPending && <Loading />}
      {call.isError &&
        (isNotFound(call.error) ? (
          <EmptyState
            icon={<IconHistory size={20} stroke={1.75} />}
            title={t("detail.gone")}
            text={t("detail.goneText")}
            next={
              <Button variant="default" onClick={() => void navigate({ to: "/history", search: {} })}>
                {t("empty.showAll")}
              </Button>
            }
          />
        ) : (
          <ErrorState title={t("detail.failed")} error={call.error} again={() => void call.refetch()} />
        ))}
    </Scrolling>
  );
}

function Detail({ call, close, refresh }: { call: CallDetail; close: ReactNode; refresh: () => void }) {
  const { t } = useTranslation("history");
  const format = useFormat();
  const { user } = useMe();
  const live = useLiveClient();
  const door = useQuery(doorsQuery).data?.find((one) => one.deviceId === call.deviceId);
  const taken = call.snapshotAt ?? call.startedAt;
  const deleted = call.keptUntil !== undefined && call.keptUntil < Date.now() && call.snapshotUrl === undefined;
  const talked = call.answeredAt === undefined ? undefined : call.endedAt - call.answeredAt;
  return (
    <Scrolling as="aside" className={styles.pane} aria-label={t("detail.label", { door: call.door })}>
      <header className={styles.head}>
        <h2 title={call.door}>{call.door}</h2>
        <OutcomeChip call={call} you={call.placedBy?.userId === user.id} />
        <div className={styles.buttons}>
          {door?.mayAnswer && (
            <Tooltip label={t("detail.callBack")}>
              <ActionIcon
                variant="default"
                size={32}
                aria-label={t("detail.callBack")}
                onClick={() => live.call(door, false)}
              >
                <IconPhoneCall size={16} stroke={1.75} />
              </ActionIcon>
            </Tooltip>
          )}
          <CopyButton value={`${location.origin}/history/${call.callId}`}>
            {({ copied, copy }) => (
              <Tooltip label={t(copied ? "detail.linkCopied" : "detail.link")}>
                <ActionIcon variant="default" size={32} aria-label={t("detail.link")} onClick={copy}>
                  {copied ? <IconCheck size={16} stroke={1.75} /> : <IconLink size={16} stroke={1.75} />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
          {close}
        </div>
      </header>
      <SnapshotThumb
        src={call.snapshotUrl}
        alt={t("detail.alt", { door: call.door, time: format.clockSeconds(taken) })}
        caption={t("detail.atRing", { time: format.dateClock(taken) })}
        withheld={
          deleted
            ? { why: "deleted", words: t("detail.deleted", { date: format.date(call.keptUntil ?? 0) }) }
            : undefined
        }
        radius={10}
        onExpired={refresh}
      />
      <dl className={styles.facts}>
        <Fact name={t("detail.rang")} value={lasted((call.answeredAt ?? call.endedAt) - call.startedAt)} />
        <Fact name={t("detail.talked")} value={talked === undefined ? t("detail.never") : lasted(talked)} />
        <Fact name={t("detail.receivers")} value={format.number(call.receivers)} />
        {call.keptUntil !== undefined && <Fact name={t("detail.keptUntil")} value={format.date(call.keptUntil)} />}
      </dl>
      <h3 className={styles.section}>
        <span>{t("detail.timeline")}</span>
      </h3>
      <LegTimeline lines={timeline(call, user)} />
    </Scrolling>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Loading() {
  return (
    <Delayed>
      <div aria-hidden>
        <Skeleton height="auto" radius={10} style={{ aspectRatio: "16 / 9" }} />
        <Skeleton height={40} mt={16} />
        {["a", "b", "c", "d"].map((key) => (
          <Skeleton key={key} height={24} mt={24} />
        ))}
      </div>
    </Delayed>
  );
}
