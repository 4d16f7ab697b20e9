import { ActionIcon, Select, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "#core/access/permissions.ts";
import type { Person, Team } from "#core/messages/people.ts";
import { peopleQuery } from "../api/people-queries.ts";
import { joinTeam, leaveTeam } from "../api/team-queries.ts";
import { Initials } from "../design/Initials.tsx";
import { EditDialog } from "../devices/EditDialog.tsx";
import { useMe } from "../shell/me.ts";
import { Part } from "./Part.tsx";
import styles from "./Person.module.css";
import { usePeopleChange } from "./use-people-change.ts";

/** Who belongs to a team, taking them in and out. */
export function TeamMembers({ team }: { team: Team }) {
  const { t } = useTranslation("teams");
  const roles = useTranslation("roles").t;
  const people = useQuery(peopleQuery).data?.people ?? [];
  const members = people.filter(({ userId }) => team.members.includes(userId));
  const mayChange = may(useMe().role, "change-teams");
  const [adding, setAdding] = useState(false);
  const takeOut = usePeopleChange(
    ({ userId }: Person) => leaveTeam(team.teamId, userId),
    ({ name }) => t("members.takenOut", { name, team: team.name }),
  );
  return (
    <Part
      title={t("members.title")}
      add={mayChange ? { words: t("members.add"), open: () => setAdding(true) } : undefined}
    >
      {team.members.length === 0 && <p className={styles.note}>{t("members.none")}</p>}
      <ul className={styles.shares}>
        {members.map((person) => (
          <li key={person.userId}>
            <Initials name={person.name} size={30} />
            <span className={styles.words}>
              <Link to="/people/$userId" params={{ userId: person.userId }}>
                {person.name}
              </Link>
              <span>{roles(`name.${person.role}`)}</span>
            </span>
            {mayChange && (
              <Tooltip label={t("members.takeOut")}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={32}
                  disabled={takeOut.isPending}
                  aria-label={t("members.takeOutOf", { name: person.name, team: team.name })}
                  onClick={() => takeOut.mutate(person)}
                >
                  <IconX size={16} stroke={1.75} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
          </li>
        ))}
      </ul>
      {adding && (
        <AddDialog
          team={team}
          others={people.filter((person) => !members.includes(person))}
          close={() => setAdding(false)}
        />
      )}
    </Part>
  );
}

function AddDialog({ team, others, close }: { team: Team; others: readonly Person[]; close: () => void }) {
  const { t } = useTranslation(["teams", "people"]);
  const [userId, setUserId] = useState<string | null>(null);
  const person = others.find((one) => one.userId === userId);
  const { mutateAsync } = usePeopleChange(
    async () => person && joinTeam(team.teamId, person.userId),
    () => person && t("members.added", { name: person.name, team: team.name }),
  );
  return (
    <EditDialog
      title={t("members.addTo", { team: team.name })}
      close={close}
      save={() => mutateAsync(undefined)}
      submit={{ words: t("members.add"), disabled: !person }}
    >
      <Select
        label={t("people:access.who")}
        placeholder={t("people:access.choose")}
        searchable
        data-autofocus
        value={userId}
        onChange={setUserId}
        data={others.map((one) => ({ value: one.userId, label: t("people:access.person", one) }))}
      />
      <p className={styles.note}>{t("members.note")}</p>
    </EditDialog>
  );
}
