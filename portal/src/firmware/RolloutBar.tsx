import { useTranslation } from "react-i18next";
import { tolerated } from "#core/firmware/rollout.ts";
import type { RolloutShown, RolloutStep } from "#core/messages/firmware-api.ts";
import { useFormat } from "../i18n/format.ts";
import styles from "./RolloutBar.module.css";

const sizeOf = ({ waits, underWay, healthy, failed }: RolloutStep): number => waits + underWay + healthy + failed;

/** A step ten times as large gets not quite twice the room, so that the first stays readable. */
const roomOf = ({ percent }: RolloutStep): number => 1 + 2.5 * Math.log10(percent);

/** The steps of a rollout side by side, each filled as far as its devices are, and in words below. */
export function RolloutBar({ rollout }: { rollout: RolloutShown }) {
  const { t } = useTranslation("firmware");
  const format = useFormat();
  const own = rollout.steps.filter((step) => sizeOf(step) > 0);
  const last = own.at(-1);
  return (
    <ol className={styles.steps} aria-label={t("bar.label")}>
      {own.map((step) => {
        const { percent, healthy, failed, underWay } = step;
        const devices = sizeOf(step);
        const share = (count: number) => ({ width: `${(100 * count) / devices}%` });
        return (
          <li key={percent} style={{ flexGrow: roomOf(step) }}>
            <div className={styles.track} aria-hidden>
              <span className={styles.fill} data-tone="talk" style={share(healthy)} />
              <span className={styles.fill} data-tone="stop" style={share(failed)} />
              <span className={styles.fill} data-tone="door" style={share(underWay)} />
            </div>
            <strong>{t("bar.devices", { share: format.percent(percent / 100), count: devices })}</strong>
            <StepWords rollout={rollout} step={step} isLast={step === last} />
          </li>
        );
      })}
    </ol>
  );
}

function StepWords({ rollout, step, isLast }: { rollout: RolloutShown; step: RolloutStep; isLast: boolean }) {
  const { t } = useTranslation("firmware");
  const format = useFormat();
  const { waits, underWay, healthy, failed } = step;
  const devices = sizeOf(step);
  if (failed > 0) {
    const ended = t("bar.failed", { failed: format.number(failed), of: format.number(healthy + failed) });
    return (
      <span className={styles.words} data-tone="stop">
        {ended}
      </span>
    );
  }
  if (healthy === devices) return <span className={styles.words}>{t("bar.healthy")}</span>;
  if (healthy + underWay > 0)
    return (
      <span className={styles.words}>
        {t("bar.updated", { done: format.number(healthy), of: format.number(devices) })}
      </span>
    );
  const untouched = waits === devices && isLast && rollout.state === "running";
  return (
    <span className={styles.words}>
      {untouched ? t("bar.waitsStops", { percent: format.percent(tolerated / 100) }) : t("bar.waits")}
    </span>
  );
}
