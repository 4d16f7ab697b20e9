import { UnstyledButton } from "@mantine/core";
import {
  IconMicrophone,
  IconMicrophoneOff,
  IconPhoneFilled,
  IconPhoneOff,
  IconVideo,
  IconVideoOff,
} from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { useKept } from "../kept.ts";
import { useLiveClient } from "../live/hooks.ts";
import styles from "./CallStage.module.css";
import { HoldToOpen } from "./HoldToOpen.tsx";
import { letterKeys, useShortcut } from "./keys.ts";
import type { OwnDevices } from "./own-devices.ts";
import type { StagedCall } from "./staged-call.ts";

export interface StageControlsProps {
  call: StagedCall;
  devices: OwnDevices;
  /** The person speaks. */
  speaking: boolean;
  /** The door can be opened now. */
  mayOpen: boolean;
}

/** Below the picture: own microphone and camera to the left, the door and the end to the right. */
export function StageControls({ call, devices, speaking, mayOpen }: StageControlsProps) {
  const { t } = useTranslation("calls");
  const live = useLiveClient();
  const shortcut = useShortcut();
  const letters = useKept(letterKeys) === "on";
  const ended = call.phase === "ended";
  const talking = call.phase === "talking";
  return (
    <div className={styles.controls}>
      {talking && (
        <>
          <Control
            label={t(devices.muted ? "call.unmute" : "call.mute")}
            hint="M"
            pressed={devices.muted}
            disabled={!devices.hasMicrophone}
            onPress={devices.toggleMicrophone}
            speaking={speaking && !devices.muted}
          >
            {devices.muted || !devices.hasMicrophone ? (
              <IconMicrophoneOff size={22} stroke={1.75} />
            ) : (
              <IconMicrophone size={22} stroke={1.75} />
            )}
          </Control>
          <Control
            label={t(devices.cameraOn ? "call.cameraOff" : "call.camera")}
            hint="V"
            pressed={devices.cameraOn}
            onPress={devices.toggleCamera}
          >
            {devices.cameraOn ? <IconVideo size={22} stroke={1.75} /> : <IconVideoOff size={22} stroke={1.75} />}
          </Control>
        </>
      )}
      <span className={styles.gap} />
      {mayOpen && (
        <div className={styles.door}>
          <HoldToOpen deviceId={call.deviceId} door={call.door} look="stage" keyboard />
          <span className={styles.under} aria-hidden>
            {letters && t("call.holdKey")}
          </span>
        </div>
      )}
      {ended ? (
        <EndActions call={call} />
      ) : (
        <div className={styles.end}>
          <UnstyledButton
            className={styles.endButton}
            disabled={call.phase === "answering"}
            aria-keyshortcuts={shortcut("E")}
            onClick={() => live.hangUp()}
          >
            <IconPhoneOff size={22} stroke={1.75} aria-hidden />
            {t(call.phase === "talking" || call.phase === "answering" ? "call.end" : "call.hangUp")}
          </UnstyledButton>
          <span className={styles.under} aria-hidden>
            {letters && "E"}
          </span>
        </div>
      )}
    </div>
  );
}

function EndActions({ call }: { call: StagedCall }) {
  const { t } = useTranslation("calls");
  const live = useLiveClient();
  return (
    <>
      <UnstyledButton className={styles.back} onClick={() => live.dismissCall()}>
        {t("call.close")}
      </UnstyledButton>
      <UnstyledButton
        className={styles.callBack}
        onClick={() => live.call({ deviceId: call.deviceId, name: call.door, site: call.site }, false)}
      >
        <IconPhoneFilled size={20} aria-hidden />
        {t("call.callBack")}
      </UnstyledButton>
    </>
  );
}

function Control(props: {
  label: string;
  hint: string;
  pressed?: boolean;
  disabled?: boolean;
  speaking?: boolean;
  onPress(): void;
  children: ReactNode;
}) {
  const text = useId();
  const shortcut = useShortcut()(props.hint);
  return (
    <div className={styles.control}>
      <UnstyledButton
        className={styles.round}
        aria-labelledby={text}
        aria-keyshortcuts={shortcut}
        data-pressed={props.pressed || undefined}
        data-speaking={props.speaking || undefined}
        disabled={props.disabled}
        onClick={props.onPress}
      >
        {props.children}
      </UnstyledButton>
      <span className={styles.under}>
        <span id={text}>{props.label}</span> {shortcut && <kbd aria-hidden>{shortcut}</kbd>}
      </span>
    </div>
  );
}
