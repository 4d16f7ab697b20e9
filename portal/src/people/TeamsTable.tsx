import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Team } from "#core/messages/people.ts";
import { peopleQuery } from "../api/people-queries.ts";
import { useFormat } from "../i18n/format.ts";
import styles from "./People.module.css";

/** A row a team: who belongs to it, and where it gets to. */
export function TeamsTable({ teams, selected }: { teams: readonly Team[]; selected: string | undefined }) {
  const { t } = useTranslation("teams");
  const format = useFormat();
  const people = useQuery(peopleQuery).data?.people ?? [];
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t("column.name")}</th>
          <th scope="col">{t("column.members")}</th>
          <th scope="col">{t("column.reach")}</th>
        </tr>
      </thead>
      <tbody>
        {teams.map(({ teamId, name, members, shares }) => {
          const names = people.filter(({ userId }) => members.includes(userId)).map((person) => person.name);
          const places = shares.map((share) => share.name);
          return (
            <tr key={teamId} data-selected={teamId === selected || undefined} data-row={teamId}>
              <th scope="row" className={styles.first}>
                <Link to="/people/teams/$teamId" params={{ teamId }} className={styles.link} title={name}>
                  {name}
                </Link>
              </th>
              <td>{members.length > 0 ? format.list(names) : t("nobody")}</td>
              <td className={styles.reach} data-nowhere={places.length === 0 || undefined}>
                {places.length > 0 ? format.list(places) : t("nowhere")}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
