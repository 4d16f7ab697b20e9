import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import { roleChange } from "#core/access/role-change.ts";
import type { Person } from "#core/messages/people.ts";
import { removePerson } from "../api/people-queries.ts";
import { teamsQuery } from "../api/team-queries.ts";
import { ConfirmByName } from "../devices/ConfirmByName.tsx";
import { useMe } from "../shell/me.ts";
import styles from "./Person.module.css";
import { givenTo } from "./people-list.ts";
import { usePeopleChange } from "./use-people-change.ts";

/** Removing somebody: what they lose is said first, and their name is typed. */
export function RemoveDialog({ person, close }: { person: Person; close: () => void }) {
  const { t } = useTranslation("people");
  const navigate = useNavigate();
  const organisation = useMe().organisation.name;
  const { name } = person;
  const given = givenTo(person, useQuery(teamsQuery).data ?? []);
  const { mutateAsync } = usePeopleChange(
    async () => {
      await removePerson(person.userId);
      await navigate({ to: "/people" });
    },
    () => t("remove.done", { name }),
  );
  return (
    <ConfirmByName
      title={t("remove.title", { name, organisation })}
      name={name}
      words={t("remove.go")}
      go={() => mutateAsync(undefined)}
      close={close}
    >
      <div className={styles.change}>
        <strong>{t("one.loses", { name })}</strong>
        <ul className={styles.abilities} data-tone="stop">
          {roleChange(person.role, undefined).loses.map((ability) => (
            <li key={ability}>{t(`ability.${ability}`)}</li>
          ))}
          {given.map((share) => (
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
