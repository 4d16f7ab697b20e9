import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { OwnershipOffer } from "#core/messages/transfers.ts";
import { endOwnershipOffer, ownershipQuery, takeOwnership } from "../api/ownership-queries.ts";
import { Initials } from "../design/Initials.tsx";
import { useFormat } from "../i18n/format.ts";
import { useMe } from "../shell/me.ts";
import { useLookAgain } from "../shell/use-whereabouts.ts";
import styles from "./People.module.css";
import { usePeopleChange } from "./use-people-change.ts";

/** That the organisation is offered by, or to, whoever looks. Nothing where it is not. */
export function OwnershipOffers() {
  const { t } = useTranslation("ownership");
  const heading = useId();
  const offers = useQuery(ownershipQuery).data ?? [];
  if (offers.length === 0) return null;
  return (
    <section className={styles.invitations} aria-labelledby={heading}>
      <h2 id={heading}>{t("offers")}</h2>
      <ul>
        {offers.map((offer) => (
          <Line key={offer.offerId} offer={offer} />
        ))}
      </ul>
    </section>
  );
}

function Line({ offer: { offerId, by, to, expiresAt } }: { offer: OwnershipOffer }) {
  const { t } = useTranslation("ownership");
  const format = useFormat();
  const lookAgain = useLookAgain();
  const { user, organisation } = useMe();
  const own = by.userId === user.id;
  const other = own ? to.name : by.name;
  const end = usePeopleChange(
    () => endOwnershipOffer(offerId),
    () => t(own ? "withdrawn" : "refused"),
  );
  const take = usePeopleChange(
    async () => {
      await takeOwnership(offerId);
      await lookAgain();
    },
    () => t("yours", { organisation: organisation.name }),
  );
  const busy = end.isPending || take.isPending;
  return (
    <li>
      <Initials name={other} size={30} />
      <span className={styles.words}>
        <strong>{t(own ? "made" : "received", { name: other, organisation: organisation.name })}</strong>
        <span>{t(own ? "madeLine" : "receivedLine", { name: other, time: format.inZone(expiresAt) })}</span>
      </span>
      <span className={styles.buttons}>
        <Button variant="default" size="xs" disabled={busy} onClick={() => end.mutate(undefined)}>
          {t(own ? "withdraw" : "refuse")}
        </Button>
        {!own && (
          <Button size="xs" disabled={busy} onClick={() => take.mutate(undefined)}>
            {t("take")}
          </Button>
        )}
      </span>
    </li>
  );
}
