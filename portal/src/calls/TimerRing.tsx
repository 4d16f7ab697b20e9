import { useTranslation } from "react-i18next";
import styles from "./TimerRing.module.css";

const size = 42;
const middle = size / 2;
const radius = 18.5;
const around = 2 * Math.PI * radius;

/** The time talked, with the ring that fills towards the limit. `part` and `mark` are 0 to 1. */
export function TimerRing(props: { part: number; mark: number; late: boolean; time: string; end: string }) {
  const { t } = useTranslation("calls");
  const angle = 2 * Math.PI * props.mark - Math.PI / 2;
  const at = (distance: number) => [middle + distance * Math.cos(angle), middle + distance * Math.sin(angle)] as const;
  const [x1, y1] = at(radius - 3);
  const [x2, y2] = at(radius + 2.5);
  return (
    <span
      className={styles.timer}
      role="timer"
      aria-label={t("call.timer", { time: props.time, end: props.end })}
      aria-live="off"
    >
      <svg viewBox={`0 0 ${size} ${size}`} aria-hidden="true">
        <circle className={styles.track} cx={middle} cy={middle} r={radius} />
        <circle
          className={styles.done}
          data-late={props.late || undefined}
          cx={middle}
          cy={middle}
          r={radius}
          strokeDasharray={`${props.part * around} ${around}`}
          transform={`rotate(-90 ${middle} ${middle})`}
        />
        <line className={styles.mark} x1={x1} y1={y1} x2={x2} y2={y2} />
      </svg>
      <span aria-hidden>{props.time}</span>
    </span>
  );
}
