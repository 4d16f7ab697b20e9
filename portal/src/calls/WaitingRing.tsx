import { UnstyledButton } from "@mantine/core";
import { IconBellRinging, IconPhoneFilled, IconPhoneOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useLiveClient, useNow } from "../live/hooks.ts";
import type { Ring } from "../live/state.ts";
import { ringEndText } from "./ring-end-text.ts";
import { minutes } from "./times.ts";
import styles from "./WaitingRing.module.css";

/** Somebody else rings while this person talks. */
export function WaitingRing({ ring }: { ring: Ring }) {
  const { t } = useTranslation("calls");
  const live = useLiveClient();
  const now = useNow(500);
  const ended = ring.phase === "ended";
  return (
    <section className={styles.card} data-ended={ended || undefined} aria-label={t("call.rings", { door: ring.door })}>
      <span className={styles.icon} aria-hidden>
        <IconBellRinging size={16} stroke={2} />
      </span>
      <p>
        <strong>{ended ? ringEndText(t, ring) : t("call.rings", { door: ring.door })}</strong>
        <span>
          {ring.site} · {minutes(now - ring.pressedAt)}
        </span>
      </p>
      {!ended && (
        <>
          <UnstyledButton
            className={styles.quiet}
            aria-label={t("ring.decline")}
            onClick={() => live.decline(ring.callId)}
          >
            <IconPhoneOff size={18} stroke={1.75} />
          </UnstyledButton>
          <UnstyledButton
            className={styles.take}
            onClick={() => {
              live.hangUp();
              live.answer(ring.callId, false);
            }}
          >
            <IconPhoneFilled size={16} aria-hidden />
            {t("call.takeNext")}
          </UnstyledButton>
        </>
      )}
    </section>
  );
}
