import { TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Team } from "#core/messages/people.ts";
import { makeTeam, renameTeam } from "../api/team-queries.ts";
import { EditDialog } from "../devices/EditDialog.tsx";
import { usePeopleChange } from "./use-people-change.ts";

/** Making a team, which is then shown, or calling one otherwise. @param team absent: a new one */
export function TeamNameDialog({ team, close }: { team?: Team; close: () => void }) {
  const { t } = useTranslation("teams");
  const navigate = useNavigate();
  const [typed, setTyped] = useState(team?.name ?? "");
  const name = typed.trim();
  const { mutateAsync } = usePeopleChange(
    async () => {
      if (team) return renameTeam(team.teamId, name);
      const { teamId } = await makeTeam(name);
      return navigate({ to: "/people/teams/$teamId", params: { teamId } });
    },
    () => t(team ? "rename.done" : "make.done", { name }),
  );
  return (
    <EditDialog
      title={team ? t("rename.title", { name: team.name }) : t("make.title")}
      close={close}
      save={() => mutateAsync(undefined)}
      submit={{ words: t(team ? "rename.open" : "make.go"), disabled: name === "" || name === team?.name }}
    >
      <TextInput
        label={t("name")}
        required
        withAsterisk={false}
        maxLength={100}
        autoComplete="off"
        data-autofocus
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </EditDialog>
  );
}
