import { Portal, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useFocusReturn } from "@mantine/hooks";
import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconAspectRatio,
  IconMicrophone,
  IconMicrophoneOff,
  IconVolume,
} from "@tabler/icons-react";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLiveClient, useLivePart, useNow } from "../live/hooks.ts";
import type { Ring } from "../live/state.ts";
import { CallHeader } from "./CallHeader.tsx";
import styles from "./CallStage.module.css";
import { isFault } from "./capture.ts";
import { DoorNews } from "./DoorNews.tsx";
import { commanded } from "./hold-state.ts";
import { useKeys } from "./keys.ts";
import { LiveVideo } from "./LiveVideo.tsx";
import { OtherPicture } from "./OtherPicture.tsx";
import { useOwnDevices } from "./own-devices.ts";
import type { RoomView } from "./room.ts";
import { StageControls } from "./StageControls.tsx";
import type { StagedCall } from "./staged-call.ts";
import { clock } from "./times.ts";
import { useDoorDetails } from "./use-door-details.ts";
import { useInert } from "./use-inert.ts";
import { usePictures } from "./use-pictures.ts";
import { useRoom, useRoomView } from "./use-room.ts";
import { WaitingRing } from "./WaitingRing.tsx";

/** A call of this browser, from "calling" to its end. Dark in both schemes: the picture is the light. */
export function CallStage({ call, rings, onSmall }: { call: StagedCall; rings: Ring[]; onSmall(): void }) {
  const { t, i18n } = useTranslation("calls");
  const live = useLiveClient();
  const now = useNow(250);
  const room = useRoom(call.callId);
  const view = useRoomView(call.callId);
  const details = useDoorDetails(call.deviceId);
  const command = useLivePart((state) => state.commands[call.deviceId]);
  const pictures = usePictures(view);
  const [moving, setMoving] = useState(false);
  const [fit, setFit] = useState<"cover" | "contain">("cover");
  const stage = useRef<HTMLElement>(null);
  const note = useId();
  useFocusReturn({ opened: true });
  useInert("page", true); // the side bar stays in use
  useEffect(() => stage.current?.focus({ preventScroll: true }), []);

  const ended = call.phase === "ended";
  const talking = call.phase === "talking";
  const answering = call.phase === "answering";
  const devices = useOwnDevices(call);

  useKeys(!ended, (key) => {
    if (key === "m" && talking) devices.toggleMicrophone();
    else if (key === "v" && talking) devices.toggleCamera();
    else if (key === "p") return pictures.swap();
    else if (key === "e") live.hangUp();
    else if (key === "Escape" && !answering) onSmall();
    else return false;
    return true;
  });

  const status = statusOf(call, view);
  return (
    <Portal>
      <section
        ref={stage}
        className={styles.stage}
        data-mantine-color-scheme="dark"
        data-ended={ended || undefined}
        aria-label={t("call.label", { door: call.door })}
        aria-describedby={note}
        tabIndex={-1}
      >
        <CallHeader call={call} view={view} waiting={rings.length} now={now} />
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the button at the top right does the same */}
        <div className={styles.body} onDoubleClick={() => setFit(fit === "cover" ? "contain" : "cover")}>
          <LiveVideo
            track={pictures.shown}
            snapshotUrl={call.snapshotUrl ?? details?.last?.snapshotUrl}
            label={t("ring.pictureAlt", { door: call.door })}
            snapshotLabel={t("ring.snapshotAlt", { door: call.door, time: clock(call.startedAt, i18n.language) })}
            fit={fit}
            over={ended}
            onLive={setMoving}
          />
          <div className={styles.shadow} aria-hidden />
          {talking && (
            <div className={styles.tags}>
              <span className={styles.tag}>
                <i className={styles.dot} aria-hidden />
                {t(view?.picturesRest ? "call.rests" : moving ? "call.live" : "ring.soon")}
              </span>
              <span className={styles.tag}>{clock(now, i18n.language)}</span>
            </div>
          )}
          <OtherPicture pictures={pictures} corner="top-left" />
          <div className={styles.view}>
            {!ended && !answering && (
              <UnstyledButton
                className={styles.fit}
                aria-label={t("call.small")}
                title={t("call.small")}
                aria-keyshortcuts="Escape"
                onClick={onSmall}
              >
                <IconArrowsMinimize size={18} stroke={1.75} />
              </UnstyledButton>
            )}
            <UnstyledButton
              className={styles.fit}
              aria-label={t(fit === "cover" ? "call.fitWhole" : "call.fitFill")}
              title={t(fit === "cover" ? "call.fitWhole" : "call.fitFill")}
              onClick={() => setFit(fit === "cover" ? "contain" : "cover")}
            >
              {fit === "cover" ? (
                <IconAspectRatio size={18} stroke={1.75} />
              ) : (
                <IconArrowsMaximize size={18} stroke={1.75} />
              )}
            </UnstyledButton>
          </div>
          {(status || ended) && (
            <div className={styles.status} id={note} role="status">
              {ended
                ? t(`call.reason.${call.ended?.reason ?? "failed"}`, { door: call.door })
                : status && t(status, { door: call.door })}
              {call.phase === "calling" && <small>{t("call.callingHint")}</small>}
              {status === "call.reconnecting" && <small>{t("call.lost")}</small>}
            </div>
          )}
          {view?.soundBlocked && (
            <UnstyledButton className={styles.sound} onClick={() => room?.startSound()}>
              <IconVolume size={18} stroke={1.75} aria-hidden />
              {t("call.soundBlocked")} · {t("call.soundOn")}
            </UnstyledButton>
          )}
          <div className={styles.cards}>
            {rings.map((one) => (
              <WaitingRing key={one.callId} ring={one} />
            ))}
            {call.held && talking && (
              <div className={styles.note} data-tone="ring">
                {t("call.held")}
                <UnstyledButton className={styles.release} onClick={() => live.takeUp()}>
                  <IconMicrophone size={16} stroke={1.75} aria-hidden />
                  {t("call.microphoneOn")}
                </UnstyledButton>
              </div>
            )}
            {view?.picturesRest && <p className={styles.note}>{t("call.poor")}</p>}
            {talking && view && isFault(view.microphone) && (
              <p className={styles.note}>{t(`call.listenOnly.${view.microphone}`)}</p>
            )}
            {talking && view && isFault(view.camera) && (
              <p className={styles.note}>{t(`call.noCamera.${view.camera}`)}</p>
            )}
            {command && command.at >= call.startedAt && (
              <DoorNews command={command} name={commanded(command, details)?.name ?? call.door} now={now} />
            )}
          </div>
          {view?.ownVideo && (
            <div className={styles.own} data-speaking={view.speaking || undefined}>
              <LiveVideo track={view.ownVideo} label={t("call.you")} snapshotLabel={t("call.you")} mirrored />
              <span className={styles.tag}>
                {devices.muted ? (
                  <IconMicrophoneOff size={14} stroke={1.75} aria-hidden />
                ) : (
                  <IconMicrophone size={14} stroke={1.75} aria-hidden />
                )}
                {t(devices.muted ? "call.youMuted" : "call.you")}
              </span>
            </div>
          )}
          <StageControls
            call={call}
            devices={devices}
            speaking={view?.speaking ?? false}
            mayOpen={(talking || answering) && call.mayOpen && (details?.openers.length ?? 0) > 0}
          />
        </div>
        <VisuallyHidden>
          <span aria-live="assertive">{call.warned && talking && t("call.warning")}</span>
          <span aria-live="assertive">{call.held && talking && t("call.held")}</span>
        </VisuallyHidden>
      </section>
    </Portal>
  );
}

/** What to write over the picture while not everything is as it should be. */
function statusOf(call: StagedCall, view: RoomView | undefined) {
  if (call.phase === "asking") return "call.asking" as const;
  if (call.phase === "calling") return "call.calling" as const;
  if (view?.link === "reconnecting" || view?.link === "lost") return "call.reconnecting" as const;
  if (view === undefined || view.link === "connecting") return "call.connecting" as const;
  return undefined;
}
