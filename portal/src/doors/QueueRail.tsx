import { ActionIcon, Button, CloseButton, Tooltip } from "@mantine/core";
import { IconPhoneCall } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { CallSummary, Door } from "#core/messages/portal-api.ts";
import { missedCallsQuery } from "../api/queries.ts";
import { Key } from "../calls/Key.tsx";
import { useKeys, useShortcut } from "../calls/keys.ts";
import { Chip } from "../design/Chip.tsx";
import { ErrorState } from "../design/ErrorState.tsx";
import { SnapshotThumb } from "../design/SnapshotThumb.tsx";
import { lasted, running, sameDay, useFormat } from "../i18n/format.ts";
import { useLiveClient, useLivePart, useNow } from "../live/hooks.ts";
import { usePageHasKeys } from "../shell/letters.ts";
import { toCallBack } from "./call-back.ts";
import styles from "./QueueRail.module.css";

/** What now: who waits, and whom to call back. */
export function QueueRail({ doors, onClose }: { doors: Door[]; onClose?: () => void }) {
  return (
    <>
      <Waiting onClose={onClose} />
      <CallBack doors={doors} />
    </>
  );
}

function Waiting({ onClose }: { onClose?: () => void }) {
  const { t } = useTranslation("doors");
  const shortcut = useShortcut();
  const live = useLiveClient();
  const rings = useLivePart((state) => state.rings).filter((ring) => ring.phase === "ringing");
  const now = useNow(rings.length > 0 ? 1_000 : 60_000);
  const hasKeys = usePageHasKeys();
  const first = rings[0];
  useKeys(hasKeys && first !== undefined, (key) => {
    const picked = rings[Number(key) - 1];
    if (key === "n" && first) live.answer(first.callId, false);
    else if (picked) live.toFront(picked.callId);
    else return false;
    return true;
  });
  return (
    <section className={styles.waiting} aria-label={t("queue.title")}>
      <header className={styles.head}>
        <h2>{t("queue.title")}</h2>
        {rings.length > 0 && <Chip tone="ring">{t("queue.waiting", { count: rings.length })}</Chip>}
        {first && (
          <Button
            size="xs"
            className={styles.take}
            rightSection={<Key tone="on-fill">N</Key>}
            aria-keyshortcuts={shortcut("N")}
            onClick={() => live.answer(first.callId, false)}
          >
            {t("queue.take")}
          </Button>
        )}
        {onClose && (
          <CloseButton className={first ? undefined : styles.take} aria-label={t("queue.close")} onClick={onClose} />
        )}
      </header>
      {rings.length === 0 && <p className={styles.quiet}>{t("queue.empty")}</p>}
      <ol className={styles.list}>
        {rings.map((ring, index) => (
          <li key={ring.callId}>
            <button
              type="button"
              className={styles.ring}
              aria-label={t("queue.pick", { door: ring.door })}
              onClick={() => live.toFront(ring.callId)}
            >
              <SnapshotThumb src={ring.snapshotUrl} alt="" size="row" className={styles.ringPicture} />
              <span className={styles.words}>
                <strong>{ring.door}</strong>
                <span aria-hidden>{t("queue.rings", { time: running(now - ring.pressedAt) })}</span>
              </span>
              {index < 9 && <Key>{index + 1}</Key>}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function CallBack({ doors }: { doors: Door[] }) {
  const { t } = useTranslation("doors");
  const missed = useQuery(missedCallsQuery);
  const names = new Map(doors.map((door) => [door.deviceId, door]));
  if (missed.isPending) return null;
  const calls = toCallBack(missed.data?.calls ?? [], Date.now());
  return (
    <section className={styles.back}>
      <header className={styles.subhead}>
        <h2>{t("queue.callBack")}</h2>
        {calls.length > 0 && <span>{t("queue.missed", { count: calls.length })}</span>}
      </header>
      {missed.isError && !missed.data && (
        <ErrorState title={t("queue.failed")} error={missed.error} again={() => void missed.refetch()} />
      )}
      {missed.data && calls.length === 0 && <p className={styles.quiet}>{t("queue.noMissed")}</p>}
      <ul className={styles.list}>
        {calls.map((call) => (
          <MissedCall key={call.callId} call={call} door={names.get(call.deviceId)} />
        ))}
      </ul>
    </section>
  );
}

function MissedCall({ call, door }: { call: CallSummary; door?: Door }) {
  const { t } = useTranslation("doors");
  const format = useFormat();
  const live = useLiveClient();
  const queries = useQueryClient();
  const time = sameDay(call.startedAt, Date.now()) ? format.clock(call.startedAt) : format.date(call.startedAt);
  const label = t("callDoor", { door: call.door });
  return (
    <li className={styles.missed}>
      <Link to="/history/$callId" params={{ callId: call.callId }} className={styles.missedLink}>
        <SnapshotThumb
          src={call.snapshotUrl}
          alt=""
          size="row"
          className={styles.missedPicture}
          onExpired={() => void queries.invalidateQueries({ queryKey: ["calls", "missed"] })}
        />
        <span className={styles.words}>
          <span className={styles.missedName}>{call.door}</span>
          <span>{why()}</span>
        </span>
      </Link>
      {door?.mayAnswer && (
        <Tooltip label={label}>
          <ActionIcon variant="default" size={32} aria-label={label} onClick={() => live.call(door, false)}>
            <IconPhoneCall size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );

  function why(): string {
    if (call.reason === "caller-left") return t("queue.left", { time });
    if (call.reason === "nobody-available") return t("queue.nobody", { time });
    if (call.reason === "declined") return t("queue.declined", { time });
    return t("queue.rang", { time, lasted: lasted(call.endedAt - call.startedAt) });
  }
}
