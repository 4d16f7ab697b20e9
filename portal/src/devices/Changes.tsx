import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ChangeLine } from "#core/messages/device-api.ts";
import { Initials } from "../design/Initials.tsx";
import { sameDay, useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import { Card } from "./Card.tsx";
import styles from "./Device.module.css";
import { useInShort } from "./use-in-short.ts";

const known = [
  "change-name",
  "change-siteId",
  "change-groups",
  "change-buttons",
  "change-doorOpeners",
  "change-outputRules",
  "change-cameras",
  "change-firmware-policy",
  "change-cameraCredentials",
  "note-failed-update",
  "claim-device",
  "offer-device",
  "withdraw-device",
  "refuse-device",
  "receive-device",
  "revoke-device",
  "allow-device",
  "look-at-log",
  "ask-identify",
  "ask-renew-certificate",
  "ask-restart",
  "ask-update-firmware",
  "ask-upload-log",
  "make-virtual-station",
] as const;

/** These say all in their words: before and after is nothing to compare. */
const wordy: ReadonlySet<string> = new Set([
  ...["revoke-device", "allow-device", "look-at-log", "claim-device", "make-virtual-station"],
  ...["offer-device", "withdraw-device", "refuse-device", "receive-device"],
]);

/** Who changed what, and how it was before. */
export function Changes({ changes, all }: { changes: readonly ChangeLine[]; all?: () => void }) {
  const { t } = useTranslation("devices");
  const inShort = useInShort();
  const format = useFormat();
  const me = useMe();
  return (
    <Card
      title={t("one.changes.title")}
      beside={
        all && (
          <Button className={styles.add} variant="subtle" size="xs" color="door" onClick={all}>
            {t("one.changes.all")}
          </Button>
        )
      }
    >
      {changes.length === 0 && <p className={styles.none}>{t("one.changes.none")}</p>}
      <ol className={styles.rows}>
        {changes.map(({ id, at, by, action, before, after }) => {
          const name = by ? (by.userId === me.user.id ? t("one.changes.you") : by.name) : t("one.changes.platform");
          const text = known.find((one) => one === action);
          return (
            <li key={id} className={styles.change}>
              <Initials name={by?.name ?? "Symphony"} />
              <span className={styles.words}>
                <strong>
                  {name} {text ? t(`one.changes.${text}`) : t("one.changes.other", { action })}
                </strong>
                {!wordy.has(action) && (
                  <span>{t("one.changes.from", { before: inShort(before), after: inShort(after) })}</span>
                )}
              </span>
              <time dateTime={new Date(at).toISOString()}>
                {sameDay(at, Date.now()) ? format.clock(at) : format.date(at)}
              </time>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
