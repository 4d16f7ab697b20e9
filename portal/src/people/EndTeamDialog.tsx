import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Team } from "#core/messages/people.ts";
import { devicesQuery } from "../api/device-queries.ts";
import { peopleQuery } from "../api/people-queries.ts";
import { endTeam, teamsQuery } from "../api/team-queries.ts";
import { EditDialog } from "../devices/EditDialog.tsx";
import { useFormat } from "../i18n/format.ts";
import styles from "./Person.module.css";
import { lostWith } from "./people-list.ts";
import { usePeopleChange } from "./use-people-change.ts";

/** Deleting a team, after it was said who then gets where no more. */
export function EndTeamDialog({ team, close }: { team: Team; close: () => void }) {
  const { t } = useTranslation("teams");
  const format = useFormat();
  const navigate = useNavigate();
  const people = useQuery(peopleQuery).data;
  const teams = useQuery(teamsQuery).data;
  const devices = useQuery(devicesQuery).data;
  const siteOf = (id: string) => devices?.devices.find(({ deviceId }) => deviceId === id)?.site.siteId;
  const lost = lostWith(team, people?.people ?? [], teams ?? [], siteOf);
  const { mutateAsync } = usePeopleChange(
    async () => {
      await endTeam(team.teamId);
      await navigate({ to: "/people/teams" });
    },
    () => t("end.done", { name: team.name }),
  );
  return (
    <EditDialog
      title={t("end.title", { name: team.name })}
      close={close}
      save={() => mutateAsync(undefined)}
      submit={{ words: t("end.go"), color: "stop", disabled: !people || !devices }}
    >
      <div className={styles.change}>
        <strong>{t(lost.length > 0 ? "end.lose" : "end.nobody")}</strong>
        {lost.length > 0 && (
          <ul className={styles.abilities} data-tone="stop">
            {lost.map(({ person, places }) => (
              <li key={person.userId}>{t("end.person", { name: person.name, places: format.list(places) })}</li>
            ))}
          </ul>
        )}
        <p>{t("end.atOnce")}</p>
      </div>
    </EditDialog>
  );
}
