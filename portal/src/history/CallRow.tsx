import { Button } from "@mantine/core";
import { IconPhoneCall } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { CallSummary, Door } from "#core/messages/portal-api.ts";
import { Initials } from "../design/Initials.tsx";
import { SnapshotThumb } from "../design/SnapshotThumb.tsx";
import { useFormat } from "../i18n/format.ts";
import { useLiveClient } from "../live/hooks.ts";
import { useMe } from "../shell/me.ts";
import styles from "./HistoryPage.module.css";
import { OutcomeChip } from "./OutcomeChip.tsx";
import { useCallLine } from "./use-call-line.ts";

/** A call in the list: its picture, what became of it, who, when. The whole row leads to its details. */
export function CallRow({ call, door, selected }: { call: CallSummary; door?: Door; selected: boolean }) {
  const { t } = useTranslation("history");
  const format = useFormat();
  const live = useLiveClient();
  const queries = useQueryClient();
  const { user } = useMe();
  const line = useCallLine()(call);
  const who = call.answeredBy ?? call.placedBy;
  const you = who?.userId === user.id;
  return (
    <li className={styles.row} data-selected={selected || undefined} data-row={call.callId}>
      <SnapshotThumb
        src={call.snapshotUrl}
        alt=""
        size="row"
        className={styles.thumb}
        onExpired={() => void queries.invalidateQueries({ queryKey: ["calls"] })}
      />
      <div className={styles.what}>
        <Link
          to="/history/$callId"
          params={{ callId: call.callId }}
          search={true}
          className={styles.link}
          aria-current={selected || undefined}
        >
          {call.door}
        </Link>
        <span className={styles.line}>{line}</span>
      </div>
      <div className={styles.outcome}>
        <OutcomeChip call={call} you={you} />
      </div>
      <div className={styles.who}>
        {who && (
          <>
            <Initials name={who.name} />
            <span title={who.name}>{you ? t("you") : who.name}</span>
          </>
        )}
        {call.outcome === "missed" && door?.mayAnswer && (
          <Button
            size="xs"
            h={30}
            variant="default"
            className={styles.call}
            leftSection={<IconPhoneCall size={16} stroke={1.75} aria-hidden />}
            aria-label={t("callDoor", { door: call.door })}
            onClick={() => live.call(door, false)}
          >
            {t("call")}
          </Button>
        )}
      </div>
      <time className={styles.time} dateTime={new Date(call.startedAt).toISOString()}>
        {format.clock(call.startedAt)}
      </time>
    </li>
  );
}
