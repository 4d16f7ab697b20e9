import { Tooltip } from "@mantine/core";
import styles from "./StatusDot.module.css";

export type Status = "online" | "ringing" | "in-call" | "open" | "fault" | "offline";

/** A state by shape and colour, never by colour alone. `label` is the word for it. */
export function StatusDot({ status, label }: { status: Status; label: string }) {
  return (
    <Tooltip label={label}>
      <svg className={styles.dot} data-status={status} viewBox="0 0 10 10" role="img" aria-label={label}>
        {shape(status)}
      </svg>
    </Tooltip>
  );
}

function shape(status: Status) {
  switch (status) {
    case "fault":
      return <rect x="1" y="1" width="8" height="8" rx="1" />;
    case "in-call":
      return <rect x="1.8" y="1.8" width="6.4" height="6.4" rx="1.2" transform="rotate(45 5 5)" />;
    case "offline":
      return <circle cx="5" cy="5" r="3.2" />;
    case "ringing":
      return <circle cx="5" cy="5" r="4.2" />;
    case "online":
    case "open":
      return <circle cx="5" cy="5" r="4" />;
  }
}
