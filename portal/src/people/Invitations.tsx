import { Button } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { Invitation, PeopleList } from "#core/messages/people.ts";
import { invite, withdrawInvitation } from "../api/people-queries.ts";
import { useFormat } from "../i18n/format.ts";
import styles from "./People.module.css";
import { usePeopleChange } from "./use-people-change.ts";

/** Those who were invited and have not come yet. */
export function Invitations({ list }: { list: PeopleList }) {
  const { t } = useTranslation("people");
  const heading = useId();
  return (
    <section className={styles.invitations} aria-labelledby={heading}>
      <h2 id={heading}>{t("invitations.title")}</h2>
      <ul>
        {list.invitations.map((one) => (
          <Line key={one.invitationId} invitation={one} mayChange={list.mayGive.includes(one.role)} />
        ))}
      </ul>
    </section>
  );
}

const day = 86_400_000;

function Line({ invitation, mayChange }: { invitation: Invitation; mayChange: boolean }) {
  const { t } = useTranslation("people");
  const roles = useTranslation("roles").t;
  const format = useFormat();
  const { invitationId, email, role, invitedBy, createdAt, expiresAt } = invitation;
  const again = usePeopleChange(
    () => invite({ email, role }),
    () => t("invitations.sentAgain", { email }),
  );
  const withdraw = usePeopleChange(
    () => withdrawInvitation(invitationId),
    () => t("invitations.withdrawn", { email }),
  );
  const busy = again.isPending || withdraw.isPending;
  return (
    <li>
      <span className={styles.mail} aria-hidden>
        <IconMail size={16} stroke={1.75} />
      </span>
      <span className={styles.words}>
        <strong title={email}>{email}</strong>
        <span>
          {t("invitations.line", { role: roles(`name.${role}`), name: invitedBy, date: format.date(createdAt) })}
        </span>
      </span>
      <span className={styles.expires} data-soon={expiresAt - Date.now() < day || undefined}>
        {t("invitations.until", { time: format.inZone(expiresAt) })}
      </span>
      {mayChange && (
        <span className={styles.buttons}>
          <Button
            variant="default"
            size="xs"
            disabled={busy}
            aria-label={t("invitations.againTo", { email })}
            onClick={() => again.mutate(undefined)}
          >
            {t("invitations.again")}
          </Button>
          <Button
            variant="subtle"
            color="stop"
            size="xs"
            disabled={busy}
            aria-label={t("invitations.withdrawFrom", { email })}
            onClick={() => withdraw.mutate(undefined)}
          >
            {t("invitations.withdraw")}
          </Button>
        </span>
      )}
    </li>
  );
}
