import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Role } from "#core/messages/portal-api.ts";
import { invite } from "../api/people-queries.ts";
import { EditDialog } from "../devices/EditDialog.tsx";
import styles from "./People.module.css";
import { RoleSelect } from "./RoleSelect.tsx";
import { usePeopleChange } from "./use-people-change.ts";

/** Inviting somebody by mail. @param givable the roles that may be given */
export function InviteDialog({ givable, close }: { givable: readonly Role[]; close: () => void }) {
  const { t } = useTranslation("people");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const { mutateAsync } = usePeopleChange(
    () => invite({ email: email.trim(), role }),
    () => t("invite.sent", { email: email.trim() }),
  );
  return (
    <EditDialog
      title={t("invite.title")}
      close={close}
      save={() => mutateAsync(undefined)}
      submit={{ words: t("invite.send") }}
    >
      <TextInput
        type="email"
        label={t("invite.email")}
        required
        withAsterisk={false}
        maxLength={254}
        autoComplete="off"
        data-autofocus
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <RoleSelect label={t("column.role")} givable={givable} value={role} onChange={setRole} />
      <p className={styles.note}>{t("invite.note")}</p>
    </EditDialog>
  );
}
