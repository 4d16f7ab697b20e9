import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconAlertTriangle, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ApiError, isOffline } from "../api/request.ts";
import styles from "./States.module.css";

/** Where it happened: what did not work, what to do, and folded what support asks for. */
export function ErrorState({ title, error, again }: { title: string; error: unknown; again?: () => void }) {
  const { t } = useTranslation("shell");
  const offline = isOffline(error);
  const details = describe(error);
  const clipboard = useClipboard();
  return (
    <div className={styles.state} role="alert">
      <span className={styles.icon} data-tone="stop" aria-hidden>
        {offline ? <IconPlugConnectedX size={20} stroke={1.75} /> : <IconAlertTriangle size={20} stroke={1.75} />}
      </span>
      <p className={styles.title}>{title}</p>
      <p className={styles.text}>{offline ? t("error.offline") : t("error.platform")}</p>
      {again && (
        <div className={styles.next}>
          <Button variant="default" onClick={again}>
            {t("error.again")}
          </Button>
        </div>
      )}
      <details className={styles.details}>
        <summary>{t("error.details")}</summary>
        <code>{details}</code>
        <Button size="xs" variant="default" onClick={() => clipboard.copy(details)}>
          {clipboard.copied ? t("error.copied") : t("error.copy")}
        </Button>
      </details>
    </div>
  );
}

function describe(error: unknown): string {
  if (error instanceof ApiError) return `${error.code} (${error.status}) ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
