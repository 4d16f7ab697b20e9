import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import { roleChange } from "#core/access/role-change.ts";
import type { Person } from "#core/messages/people.ts";
import { leaveOrganisation, removePerson } from "../api/people-queries.ts";
import { ConfirmByName } from "../devices/ConfirmByName.tsx";
import { useMe } from "../shell/me.ts";
import styles from "./Person.module.css";
import { usePeopleChange } from "./use-people-change.ts";

/** Removing somebody, or leaving oneself: what is lost is said first, and the name is typed. */
export function RemoveDialog({ person, own, close }: { person: Person; own: boolean; close: () => void }) {
  const { t } = useTranslation("people");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const organisation = useMe().organisation.name;
  const { name, shares } = person;
  const key = own ? "leave" : "remove";
  const { mutate, isPending } = usePeopleChange(
    async () => {
      await (own ? leaveOrganisation() : removePerson(person.userId));
      // Who left works elsewhere from now on, or nowhere: all that was loaded is the organisation's they left.
      if (own) queries.clear();
      await navigate({ to: own ? "/" : "/people" });
    },
    () => t(`${key}.done`, { name, organisation }),
  );
  return (
    <ConfirmByName
      title={t(`${key}.title`, { name, organisation })}
      name={own ? organisation : name}
      words={t(`${key}.go`)}
      busy={isPending}
      go={() => mutate(undefined)}
      close={close}
    >
      <div className={styles.change}>
        <strong>{t(own ? "leave.loses" : "one.loses", { name })}</strong>
        <ul className={styles.abilities} data-tone="stop">
          {roleChange(person.role, undefined).loses.map((ability) => (
            <li key={ability}>{t(`ability.${ability}`)}</li>
          ))}
          {shares.map((share) => (
            <li key={share.shareId}>{t("remove.share", { place: share.name })}</li>
          ))}
          <li>{t("remove.calls")}</li>
          {may(person.role, "invite-people") && <li>{t("remove.invitations")}</li>}
        </ul>
        <p>{t("remove.stays")}</p>
      </div>
    </ConfirmByName>
  );
}
