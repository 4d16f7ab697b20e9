import { ActionIcon, Button, Popover, Tooltip } from "@mantine/core";
import {
  IconBellRinging,
  IconInfoCircle,
  IconPhone,
  IconPhoneCall,
  IconPhoneOff,
  IconStar,
  IconStarFilled,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Door } from "#core/messages/portal-api.ts";
import { pressVirtualStation } from "../api/virtual-station.ts";
import { HoldToOpen } from "../calls/HoldToOpen.tsx";
import { SnapshotThumb } from "../design/SnapshotThumb.tsx";
import { StatusDot } from "../design/StatusDot.tsx";
import { useFormat } from "../i18n/format.ts";
import { useLiveClient } from "../live/hooks.ts";
import { DoorChip, dotOf } from "./DoorChip.tsx";
import styles from "./DoorTile.module.css";
import type { DoorView } from "./door-view.ts";
import { toggleFavourite } from "./favourites.ts";
import { useDoorLine } from "./use-door-line.ts";

export interface DoorTileProps {
  door: Door;
  view: DoorView;
  favourite: boolean;
  /** The door in front: the key `O` opens it. */
  keyboard: boolean;
  mayCall: boolean;
}

/** A door: its picture, how it is, what happened last, and what can be done with it. */
export function DoorTile({ door, view, favourite, keyboard, mayCall }: DoorTileProps) {
  const { t } = useTranslation("doors");
  const format = useFormat();
  const queries = useQueryClient();
  const line = useDoorLine(door, view);
  const ring = view.kind === "ringing" ? view.ring : undefined;
  const snapshot = ring?.snapshotUrl ?? door.last?.snapshotUrl;
  const at = ring?.snapshotUrl ? ring.pressedAt : door.last?.at;
  const time = at === undefined ? "" : format.clockSeconds(at);
  const star = t(favourite ? "unstar" : "star", { door: door.name });
  return (
    <article className={styles.tile} data-state={ring ? "ringing" : view.kind} aria-label={door.name}>
      <div className={styles.top}>
        <SnapshotThumb
          src={snapshot}
          alt={t("tile.pictureAlt", { door: door.name, time })}
          caption={time || undefined}
          stale={view.kind === "offline"}
          radius={0}
          onExpired={() => void queries.invalidateQueries({ queryKey: ["doors"] })}
        />
        <div className={styles.chip}>
          <DoorChip view={view} />
        </div>
        <Tooltip label={star}>
          <button
            type="button"
            className={styles.star}
            aria-label={star}
            aria-pressed={favourite}
            onClick={() => toggleFavourite(door.deviceId)}
          >
            {favourite ? <IconStarFilled size={16} /> : <IconStar size={16} stroke={1.75} />}
          </button>
        </Tooltip>
      </div>
      <div className={styles.body}>
        <div className={styles.name}>
          <StatusDot status={dotOf(view)} label={t(dotOf(view) === "offline" ? "tile.offline" : "tile.online")} />
          <h2 title={door.name}>{door.name}</h2>
          <span className={styles.site} title={door.site}>
            {door.virtual ? t("tile.virtual") : door.site}
          </span>
        </div>
        <p className={styles.line} title={line}>
          {line}
        </p>
        <div className={styles.actions}>
          <Actions door={door} view={view} keyboard={keyboard} mayCall={mayCall} />
        </div>
      </div>
    </article>
  );
}

function Actions({ door, view, keyboard, mayCall }: Omit<DoorTileProps, "favourite">) {
  const { t } = useTranslation("doors");
  const live = useLiveClient();
  const icon = { size: 16, stroke: 1.75, "aria-hidden": true };
  const ring = view.kind === "ringing" ? view.ring : undefined;
  const open = door.openers.length > 0 && (
    <HoldToOpen className={styles.hold} deviceId={door.deviceId} door={door.name} keyboard={keyboard} />
  );
  if (ring) {
    return (
      <>
        <Button
          className={styles.answer}
          color="talk"
          h={36}
          leftSection={<IconPhone {...icon} />}
          loading={ring.phase === "answering"}
          onClick={() => live.answer(ring.callId, false)}
        >
          {t("tile.answer")}
        </Button>
        {door.openers.length === 1 && open}
        <SquareButton label={t("tile.decline", { door: door.name })} onClick={() => live.decline(ring.callId)}>
          <IconPhoneOff {...icon} />
        </SquareButton>
        {door.openers.length > 1 && open}
      </>
    );
  }
  if (view.kind === "offline") {
    return (
      <>
        {open || <span className={styles.hold} />}
        <WhyOffline door={door} since={view.since} />
      </>
    );
  }
  const callable = mayCall && (view.kind === "rest" || view.kind === "open" || view.kind === "asking");
  return (
    <>
      {open}
      {door.virtual && view.kind === "rest" && <PressButton door={door} />}
      {callable && open && (
        <SquareButton label={t("callDoor", { door: door.name })} onClick={() => live.call(door, false)}>
          <IconPhoneCall {...icon} />
        </SquareButton>
      )}
      {callable && !open && (
        <Button
          className={styles.hold}
          variant="default"
          h={36}
          leftSection={<IconPhoneCall {...icon} />}
          onClick={() => live.call(door, false)}
          aria-label={t("callDoor", { door: door.name })}
        >
          {t("call")}
        </Button>
      )}
    </>
  );
}

function SquareButton(props: { label: string; onClick: () => void; loading?: boolean; children: ReactNode }) {
  return (
    <Tooltip label={props.label}>
      <ActionIcon variant="default" size={36} aria-label={props.label} onClick={props.onClick} loading={props.loading}>
        {props.children}
      </ActionIcon>
    </Tooltip>
  );
}

/** The virtual station has no button of its own to walk to. */
function PressButton({ door }: { door: Door }) {
  const { t } = useTranslation("doors");
  const press = useMutation({ mutationFn: pressVirtualStation });
  return (
    <SquareButton label={`${t("tile.press")}: ${door.name}`} loading={press.isPending} onClick={() => press.mutate()}>
      <IconBellRinging size={16} stroke={1.75} aria-hidden />
    </SquareButton>
  );
}

function WhyOffline({ door, since }: { door: Door; since: number }) {
  const { t } = useTranslation("doors");
  const format = useFormat();
  return (
    <Popover width={280} position="top-end" withArrow trapFocus={false}>
      <Popover.Target>
        <ActionIcon variant="default" size={36} aria-label={`${door.name}: ${t("tile.offlineWhy")}`}>
          <IconInfoCircle size={16} stroke={1.75} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>{t("tile.offlineLong", { door: door.name, time: format.dateClock(since) })}</Popover.Dropdown>
    </Popover>
  );
}
