import { Select } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Person } from "#core/messages/people.ts";
import { offerOwnership } from "../api/ownership-queries.ts";
import { EditDialog } from "../devices/EditDialog.tsx";
import { useMe } from "../shell/me.ts";
import styles from "./Person.module.css";
import { usePeopleChange } from "./use-people-change.ts";

/** Offering one's own place as owner, after it was said what that means. @param people to whom it may be offered */
export function HandOnDialog({ people, close }: { people: readonly Person[]; close: () => void }) {
  const { t } = useTranslation(["ownership", "people"]);
  const [userId, setUserId] = useState<string | null>(null);
  const to = people.find((one) => one.userId === userId);
  const { mutateAsync } = usePeopleChange(
    async () => to && offerOwnership(to.userId),
    () => to && t("offered", { name: to.name }),
  );
  return (
    <EditDialog
      title={t("title", { organisation: useMe().organisation.name })}
      close={close}
      save={() => mutateAsync(undefined)}
      submit={{ words: t("offer"), disabled: !to }}
    >
      <Select
        label={t("to")}
        placeholder={t("choose")}
        searchable
        data-autofocus
        value={userId}
        onChange={setUserId}
        data={people.map((one) => ({ value: one.userId, label: t("people:access.person", one) }))}
      />
      <div className={styles.change}>
        <strong>{t("taken")}</strong>
        <ul className={styles.abilities} data-tone="stop">
          {(["owner", "administrator", "invitations"] as const).map((one) => (
            <li key={one}>{t(one)}</li>
          ))}
        </ul>
        <p>{t("until")}</p>
      </div>
    </EditDialog>
  );
}
