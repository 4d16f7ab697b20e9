import { FocusTrap, Portal, UnstyledButton } from "@mantine/core";
import { useFocusReturn, useReducedMotion } from "@mantine/hooks";
import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconBellRinging,
  IconClock,
  IconPhoneFilled,
  IconPhoneOff,
} from "@tabler/icons-react";
import { type CSSProperties, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLiveClient, useNow } from "../live/hooks.ts";
import type { Ring } from "../live/state.ts";
import { HoldToOpen } from "./HoldToOpen.tsx";
import { Key } from "./Key.tsx";
import { isTyping, useKeys, useShortcut } from "./keys.ts";
import { LiveVideo } from "./LiveVideo.tsx";
import { OtherPicture } from "./OtherPicture.tsx";
import { RingDetails } from "./RingDetails.tsx";
import styles from "./RingSheet.module.css";
import { ringEndText } from "./ring-end-text.ts";
import { clock, minutes } from "./times.ts";
import { useDoorDetails } from "./use-door-details.ts";
import { useInert } from "./use-inert.ts";
import { useMicrophone } from "./use-microphone.ts";
import { usePictures } from "./use-pictures.ts";
import { useRoomView } from "./use-room.ts";

/** Keys pressed in the first moments were meant for what was there before. Milliseconds. */
const deafTime = 500;

/** Somebody rings: who, where, the picture, and what to do. Lies over any page. */
export function RingSheet({ ring, waiting, onNext }: { ring: Ring; waiting: number; onNext(): void }) {
  const { t, i18n } = useTranslation("calls");
  const shortcut = useShortcut();
  const live = useLiveClient();
  const now = useNow(250);
  const details = useDoorDetails(ring.deviceId);
  const room = useRoomView(ring.callId);
  const microphone = useMicrophone();
  const pictures = usePictures(room);
  const [moving, setMoving] = useState(false);
  const [large, setLarge] = useState(false);
  const [typing] = useState(() => isTyping(document.activeElement));
  const title = useId();
  const place = useId();
  useFocusReturn({ opened: true });
  useInert("root", !typing); // who types goes on typing
  const ended = ring.phase === "ended";
  const answering = ring.phase === "answering";
  const canOpen = ring.mayOpen && details !== undefined && details.openers.length > 0;

  const answer = (camera: boolean) => live.answer(ring.callId, camera);
  useKeys(
    !ended,
    (key) => {
      if (key === "a") answer(false);
      else if (key === "v") answer(true);
      else if (key === "d") live.decline(ring.callId);
      else if (key === "s") live.silence(ring.callId);
      else if (key === "p") return pictures.swap();
      else if (key === "n" && waiting > 0) onNext();
      else if (key === "Escape") live.makeSmall(ring.callId, true);
      else return false;
      return true;
    },
    deafTime,
  );

  const left = Math.max(0, ring.ringUntil - now);
  const seconds = Math.ceil(left / 1_000);
  const still = useReducedMotion();
  const whole = Math.max(1, ring.ringUntil - ring.pressedAt);
  return (
    <Portal>
      <div className={styles.shade} />
      <FocusTrap active={!typing}>
        <div
          className={styles.sheet}
          role="alertdialog"
          aria-modal
          aria-labelledby={title}
          aria-describedby={place}
          data-large={large || undefined}
          data-ended={ended || undefined}
        >
          <div
            className={styles.bar}
            style={{ "--left": (still ? seconds * 1_000 : left) / whole } as CSSProperties}
            aria-hidden
          >
            {!ended && <span />}
          </div>
          <header className={styles.head}>
            <span className={styles.bell} data-quiet={ring.silenced || ended || undefined} aria-hidden>
              <IconBellRinging size={20} stroke={1.75} />
            </span>
            <div className={styles.who}>
              <h2 id={title}>{ended ? ringEndText(t, ring) : t("ring.title", { door: ring.door })}</h2>
              <p id={place}>{t("ring.place", { site: ring.site, button: ring.button })}</p>
            </div>
            {!ended && (
              <div className={styles.time} aria-hidden>
                <span>
                  {t("ring.ringing")} <strong>{minutes(now - ring.pressedAt)}</strong>
                </span>
                <span className={styles.chip}>
                  <IconClock size={14} stroke={1.75} />
                  {t("ring.missedIn", { seconds })}
                </span>
              </div>
            )}
          </header>
          <div className={styles.middle}>
            <div className={styles.picture}>
              <LiveVideo
                track={pictures.shown}
                snapshotUrl={ring.snapshotUrl}
                label={t("ring.pictureAlt", { door: ring.door })}
                snapshotLabel={t("ring.snapshotAlt", { door: ring.door, time: clock(ring.pressedAt, i18n.language) })}
                over={ended}
                onLive={setMoving}
              />
              <OtherPicture pictures={pictures} corner="bottom-right" />
              {!ended && (
                <span className={styles.tag} data-at="top-left">
                  <i className={styles.dot} aria-hidden />
                  {moving ? t("ring.live") : t("ring.soon")}
                </span>
              )}
              <span className={styles.tag} data-at="bottom-left">
                {clock(moving ? now : ring.pressedAt, i18n.language)}
              </span>
              <UnstyledButton
                className={styles.enlarge}
                aria-label={t(large ? "ring.reduce" : "ring.enlarge")}
                onClick={() => setLarge(!large)}
              >
                {large ? (
                  <IconArrowsMinimize size={16} stroke={1.75} />
                ) : (
                  <IconArrowsMaximize size={16} stroke={1.75} />
                )}
              </UnstyledButton>
            </div>
            {!large && <RingDetails ring={ring} details={details} microphone={microphone} />}
          </div>
          <div className={styles.actions}>
            <UnstyledButton
              className={styles.decline}
              disabled={ended || answering}
              aria-keyshortcuts={shortcut("D")}
              onClick={() => live.decline(ring.callId)}
            >
              <IconPhoneOff size={20} stroke={1.75} aria-hidden />
              {t("ring.decline")}
              <Key>D</Key>
            </UnstyledButton>
            {canOpen && !ended && (
              <HoldToOpen className={styles.open} deviceId={ring.deviceId} door={ring.door} look="sheet" keyboard />
            )}
            <UnstyledButton
              className={styles.answer}
              data-autofocus
              disabled={ended || answering}
              aria-keyshortcuts={shortcut("A")}
              onClick={() => answer(false)}
            >
              <IconPhoneFilled size={20} aria-hidden />
              {answering ? t("ring.answering") : t(microphone === "refused" ? "ring.answerListen" : "ring.answer")}
              <Key tone="on-fill">A</Key>
            </UnstyledButton>
          </div>
          <footer className={styles.foot}>
            <FootKey name="V" text={t("ring.keys.camera")} onPress={() => answer(true)} disabled={ended || answering} />
            <FootKey
              name="S"
              text={t(ring.silenced ? "ring.keys.silenced" : "ring.keys.silence")}
              onPress={() => live.silence(ring.callId)}
              disabled={ended || ring.silenced}
            />
            <FootKey
              name="Esc"
              text={t("ring.keys.small")}
              onPress={() => live.makeSmall(ring.callId, true)}
              disabled={ended || answering}
            />
            {waiting > 0 && (
              <span className={styles.waiting}>
                <FootKey name="N" text={t("ring.waiting", { count: waiting })} onPress={onNext} after />
              </span>
            )}
          </footer>
        </div>
      </FocusTrap>
    </Portal>
  );
}

/** A key of the foot, which is a button too: everything a key does, a finger can do. */
function FootKey(props: { name: string; text: string; onPress(): void; disabled?: boolean; after?: boolean }) {
  return (
    <UnstyledButton className={styles.footKey} onClick={props.onPress} disabled={props.disabled}>
      {!props.after && <Key>{props.name}</Key>}
      {props.text}
      {props.after && <Key>{props.name}</Key>}
    </UnstyledButton>
  );
}
