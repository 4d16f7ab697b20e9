import {
  IconAlertTriangle,
  IconBellRinging,
  IconClockExclamation,
  IconHandFinger,
  IconKey,
  IconPhone,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconWifiOff,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../i18n/format.ts";
import styles from "./LegTimeline.module.css";
import { offset, type TimelineLine, type TimelineWhat } from "./timeline.ts";
import { useTimelineWords } from "./use-timeline-words.ts";

type Tone = "ring" | "talk" | "door" | "stop" | "plain";

/** What happened in a call, in order: the clock first, then how long after. */
export function LegTimeline({ lines }: { lines: TimelineLine[] }) {
  const { i18n } = useTranslation();
  const format = useFormat();
  const words = useTimelineWords();
  const start = lines[0]?.at ?? 0;
  return (
    <ol className={styles.timeline}>
      {lines.map((line, index) => {
        const { title, text } = words(line.what);
        const { tone, icon } = look(line.what);
        return (
          <li key={`${line.at}-${line.what.kind}-${"name" in line.what ? line.what.name : ""}`}>
            <time title={format.clockSeconds(line.at)}>
              {index === 0 ? format.clockSeconds(line.at) : offset(line.at - start, i18n.language)}
            </time>
            <span className={styles.icon} data-tone={tone} aria-hidden>
              {icon}
            </span>
            <div>
              <p>{title}</p>
              {text && <p className={styles.text}>{text}</p>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function look(what: TimelineWhat): { tone: Tone; icon: ReactNode } {
  const icon = { size: 14, stroke: 1.75 };
  switch (what.kind) {
    case "pressed":
      return { tone: "ring", icon: <IconHandFinger {...icon} /> };
    case "called":
      return { tone: "plain", icon: <IconPhoneOutgoing {...icon} /> };
    case "rang":
      return { tone: "ring", icon: <IconBellRinging {...icon} /> };
    case "unreached":
      return { tone: "plain", icon: <IconWifiOff {...icon} /> };
    case "declined":
      return { tone: "plain", icon: <IconPhoneOff {...icon} /> };
    case "answered":
    case "station-answered":
      return { tone: "talk", icon: <IconPhone {...icon} /> };
    case "door":
      return { tone: what.failed ? "stop" : "door", icon: <IconKey {...icon} /> };
    case "warned":
      return { tone: "ring", icon: <IconClockExclamation {...icon} /> };
    case "ended": {
      const broken = what.reason === "failed" || what.reason === "media-node-lost";
      const icons = broken ? <IconAlertTriangle {...icon} /> : <IconPhoneOff {...icon} />;
      return { tone: broken || what.talked === undefined ? "stop" : "plain", icon: icons };
    }
  }
}
