import { useTranslation } from "react-i18next";
import type { DeviceRow } from "#core/messages/device-api.ts";
import { StatusDot } from "../design/StatusDot.tsx";
import { sameDay, useFormat } from "../i18n/format.ts";
import { useDoorStates } from "../live/hooks.ts";
import styles from "./Devices.module.css";
import { stateOf } from "./device-list.ts";

/** Dot and word: what the device does now, and below it what wants a hand. */
export function DeviceStateLine({ device }: { device: DeviceRow }) {
  const { t } = useTranslation("devices");
  const format = useFormat();
  const state = stateOf(device, useDoorStates()[device.deviceId]);
  const since = state.status === "offline" ? state.since : 0;
  const time = sameDay(since, Date.now()) ? format.clock(since) : format.date(since);
  const words = t(`state.${state.words}`, { time });
  const needs = device.needs.filter((need) => need !== "offline");
  return (
    <div className={styles.state}>
      <span className={styles.dot}>
        <StatusDot status={state.status} label={words} />
        <span aria-hidden>{words}</span>
      </span>
      {state.status === "offline" && device.away && <span className={styles.need}>{t(`away.${device.away}`)}</span>}
      {needs.map((need) => (
        <span key={need} className={styles.need}>
          {t(`need.${need}`)}
        </span>
      ))}
    </div>
  );
}
