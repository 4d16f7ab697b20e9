import { IconActivity } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { talkLimit, warningTime } from "#core/call/limits.ts";
import styles from "./CallHeader.module.css";
import type { QualityWord } from "./quality.ts";
import type { RoomView } from "./room.ts";
import type { StagedCall } from "./staged-call.ts";
import { TimerRing } from "./TimerRing.tsx";
import { minutes } from "./times.ts";

/** Above the stage: how long, with whom, when it ends, and how the connection is. */
export function CallHeader(props: { call: StagedCall; view: RoomView | undefined; waiting: number; now: number }) {
  const { t } = useTranslation("calls");
  const { call, view, waiting, now } = props;
  const { answeredAt = now, endsAt = answeredAt + talkLimit, warnAt = endsAt - warningTime } = call;
  const limit = endsAt - answeredAt;
  const warning = warnAt - answeredAt;
  const talked = Math.min(limit, Math.max(0, now - answeredAt));
  const late = talked >= warning || call.warned;
  const left = Math.ceil((endsAt - now) / 1_000);
  const site = call.site ?? "";
  const quality = view?.quality;
  return (
    <header className={styles.header}>
      <TimerRing part={talked / limit} mark={warning / limit} late={late} time={minutes(talked)} end={minutes(limit)} />
      <div className={styles.who}>
        <h2>{call.door}</h2>
        <p data-late={late || undefined}>
          {call.phase !== "talking"
            ? site
            : late
              ? t("call.endsSoon", { site, seconds: Math.max(0, left) })
              : t("call.ends", { site, end: minutes(limit), warning: minutes(warning) })}
        </p>
      </div>
      <div className={styles.chips}>
        {quality && (
          <span className={styles.chip} data-quality={quality.word}>
            <Bars word={quality.word} />
            {quality.roundTrip === undefined
              ? t(`call.quality.${quality.word}`)
              : t("call.qualityWith", { word: t(`call.quality.${quality.word}`), milliseconds: quality.roundTrip })}
          </span>
        )}
        {quality?.codec && (
          <span className={styles.chip}>
            <IconActivity size={14} stroke={1.75} aria-hidden />
            {quality.bitRate === undefined
              ? quality.codec
              : t("call.codec", { codec: quality.codec, kilobits: Math.round(quality.bitRate / 1_000) })}
          </span>
        )}
        {waiting > 0 && (
          <span className={styles.chip} data-quality="fair">
            {t("call.waiting", { count: waiting })}
          </span>
        )}
      </div>
    </header>
  );
}

/** Four bars for a good connection, fewer for a worse one; the word stands beside them. */
function Bars({ word }: { word: QualityWord }) {
  const full = { good: 4, fair: 2, poor: 1 }[word];
  return (
    <svg width="18" height="12" viewBox="0 0 18 12" aria-hidden="true">
      {[0, 1, 2, 3].map((n) => (
        <rect
          key={n}
          x={n * 4.8}
          y={9 - n * 3}
          width="3.2"
          height={3 + n * 3}
          rx="1"
          fill="currentcolor"
          opacity={n < full ? 1 : 0.3}
        />
      ))}
    </svg>
  );
}
