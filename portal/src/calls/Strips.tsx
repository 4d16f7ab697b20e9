import { Portal, UnstyledButton } from "@mantine/core";
import {
  IconArrowsMaximize,
  IconBellRinging,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhone,
  IconPhoneFilled,
  IconPhoneOff,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useLiveClient, useNow } from "../live/hooks.ts";
import type { MyCall, Ring } from "../live/state.ts";
import { HoldToOpen } from "./HoldToOpen.tsx";
import { Key } from "./Key.tsx";
import { useKeys, useShortcut } from "./keys.ts";
import { LiveVideo } from "./LiveVideo.tsx";
import { useOwnDevices } from "./own-devices.ts";
import styles from "./Strips.module.css";
import { clock, minutes } from "./times.ts";
import { useDoorDetails } from "./use-door-details.ts";
import { useRoomView } from "./use-room.ts";

/** A ring made small: it goes on ringing, and everything can still be done. */
export function RingStrip({ ring }: { ring: Ring }) {
  const { t } = useTranslation("calls");
  const shortcut = useShortcut();
  const live = useLiveClient();
  const now = useNow(500);
  const details = useDoorDetails(ring.deviceId);
  useKeys(true, (key) => {
    if (key === "a") live.answer(ring.callId, false);
    else if (key === "v") live.answer(ring.callId, true);
    else if (key === "d") live.decline(ring.callId);
    else if (key === "s") live.silence(ring.callId);
    else return false;
    return true;
  });
  return (
    <Portal>
      <section className={styles.strip} data-strip data-tone="ring" aria-label={t("ring.title", { door: ring.door })}>
        <span className={styles.icon} aria-hidden>
          <IconBellRinging size={18} stroke={1.75} />
        </span>
        <p>
          <strong>{t("ring.title", { door: ring.door })}</strong>
          <span>
            {ring.site} · <span aria-hidden>{minutes(now - ring.pressedAt)}</span>
          </span>
        </p>
        <UnstyledButton
          className={styles.square}
          aria-label={t("ring.large")}
          onClick={() => live.makeSmall(ring.callId, false)}
        >
          <IconArrowsMaximize size={16} stroke={1.75} />
        </UnstyledButton>
        <UnstyledButton
          className={styles.decline}
          aria-keyshortcuts={shortcut("D")}
          onClick={() => live.decline(ring.callId)}
        >
          <IconPhoneOff size={16} stroke={1.75} aria-hidden />
          {t("ring.decline")}
          <Key>D</Key>
        </UnstyledButton>
        {ring.mayOpen && details && details.openers.length > 0 && (
          <HoldToOpen className={styles.hold} deviceId={ring.deviceId} door={ring.door} keyboard />
        )}
        <UnstyledButton
          className={styles.answer}
          aria-keyshortcuts={shortcut("A")}
          onClick={() => live.answer(ring.callId, false)}
        >
          <IconPhoneFilled size={16} aria-hidden />
          {t("ring.answer")}
          <Key tone="on-fill">A</Key>
        </UnstyledButton>
      </section>
    </Portal>
  );
}

/** The call is in another tab of this browser: who with, and the ways to it. */
export function CallStrip({ call }: { call: MyCall }) {
  const { t } = useTranslation("calls");
  const live = useLiveClient();
  const now = useNow(500);
  return (
    <Portal>
      <section className={styles.strip} data-strip data-tone="talk" aria-label={t("call.label", { door: call.door })}>
        <span className={styles.icon} aria-hidden>
          <IconPhone size={18} stroke={1.75} />
        </span>
        <p>
          <strong>{call.door}</strong>
          <span>
            {t("call.elsewhere")}
            {call.answeredAt !== undefined && <span aria-hidden> · {minutes(now - call.answeredAt)}</span>}
          </span>
        </p>
        <UnstyledButton className={styles.decline} onClick={() => live.hangUp()}>
          <IconPhoneOff size={16} stroke={1.75} aria-hidden />
          {t("call.end")}
        </UnstyledButton>
        {call.phase === "talking" && (
          <UnstyledButton className={styles.answer} onClick={() => live.bringHere()}>
            {t("call.bringHere")}
          </UnstyledButton>
        )}
      </section>
    </Portal>
  );
}

/** The call of this tab made small, so that other pages can be read: it goes on. */
export function SmallCall({ call, onLarge }: { call: MyCall; onLarge(): void }) {
  const { t, i18n } = useTranslation("calls");
  const shortcut = useShortcut();
  const live = useLiveClient();
  const now = useNow(500);
  const details = useDoorDetails(call.deviceId);
  const devices = useOwnDevices(call);
  const view = useRoomView(call.callId);
  const picture = view?.remoteVideo !== undefined || call.snapshotUrl !== undefined;
  useKeys(true, (key) => {
    if (key === "e") live.hangUp();
    else if (key === "m" && devices.hasMicrophone) devices.toggleMicrophone();
    else return false;
    return true;
  });
  return (
    <Portal>
      <section className={styles.strip} data-strip data-tone="talk" aria-label={t("call.label", { door: call.door })}>
        {picture ? (
          <div className={styles.picture}>
            <LiveVideo
              track={view?.remoteVideo}
              snapshotUrl={call.snapshotUrl}
              label={t("ring.pictureAlt", { door: call.door })}
              snapshotLabel={t("ring.snapshotAlt", { door: call.door, time: clock(call.startedAt, i18n.language) })}
            />
          </div>
        ) : (
          <span className={styles.icon} aria-hidden>
            <IconPhone size={18} stroke={1.75} />
          </span>
        )}
        <p>
          <strong>{call.door}</strong>
          <span>
            {call.site}
            {call.answeredAt !== undefined && <span aria-hidden> · {minutes(now - call.answeredAt)}</span>}
          </span>
        </p>
        <UnstyledButton className={styles.square} aria-label={t("ring.large")} onClick={onLarge}>
          <IconArrowsMaximize size={16} stroke={1.75} />
        </UnstyledButton>
        <UnstyledButton
          className={styles.square}
          aria-label={t(devices.muted ? "call.unmute" : "call.mute")}
          aria-keyshortcuts={shortcut("M")}
          disabled={!devices.hasMicrophone}
          onClick={devices.toggleMicrophone}
        >
          {devices.muted ? <IconMicrophoneOff size={16} stroke={1.75} /> : <IconMicrophone size={16} stroke={1.75} />}
        </UnstyledButton>
        {call.mayOpen && call.phase === "talking" && details && details.openers.length > 0 && (
          <HoldToOpen className={styles.hold} deviceId={call.deviceId} door={call.door} keyboard />
        )}
        <UnstyledButton className={styles.end} aria-keyshortcuts={shortcut("E")} onClick={() => live.hangUp()}>
          <IconPhoneOff size={16} stroke={1.75} aria-hidden />
          {t(call.phase === "talking" ? "call.end" : "call.hangUp")}
        </UnstyledButton>
      </section>
    </Portal>
  );
}
